import { pureFunctions, writers } from './pure-functions.ts';
import { templateActions, type TemplateToken } from './template-tokens.ts';

/** What besides chart, values and Helm decides what templates render to. */
export interface TemplateNeeds {
  /** Clock, chance, objects of the cluster, the number of the revision, or something that is not known. */
  open: boolean;
  /** The version of the cluster. */
  kubeVersion: boolean;
  /** The kinds that the cluster serves. */
  kinds: boolean;
  /** Whether values and files are templates, too. */
  tpl: boolean;
}

/** Names that say the same in each revision of a release. */
const lasting: ReadonlySet<string> = new Set(['Name', 'Namespace', 'Service']);
/** Names of the root by which, written as text, `index` and `get` come at what is not lasting. */
const telling: ReadonlySet<string> = new Set(['Release', 'Capabilities']);

const nothing: TemplateNeeds = { open: false, kubeVersion: false, kinds: false, tpl: false };
const open: TemplateNeeds = { open: true, kubeVersion: false, kinds: false, tpl: false };

/** What any of them needs. */
export function bothNeed(a: TemplateNeeds, b: TemplateNeeds): TemplateNeeds {
  return {
    open: a.open || b.open,
    kubeVersion: a.kubeVersion || b.kubeVersion,
    kinds: a.kinds || b.kinds,
    tpl: a.tpl || b.tpl,
  };
}

function fieldNeeds(names: readonly string[]): TemplateNeeds {
  const after = (name: string): string | undefined => names[names.indexOf(name) + 1];
  if (names.includes('Release') && !lasting.has(after('Release') ?? '')) return open;
  if (!names.includes('Capabilities') || after('Capabilities') === 'HelmVersion') return nothing;
  const isVersion = after('Capabilities') === 'KubeVersion';
  return { open: false, kubeVersion: true, kinds: !isVersion, tpl: false };
}

function textNeeds(text: string): TemplateNeeds {
  if (telling.has(text)) return open;
  if (!text.includes('{{')) return nothing;
  // A template that printf fills in can be anything.
  return text.includes('%') ? open : templateNeeds(text);
}

function tokenNeeds(token: TemplateToken): TemplateNeeds {
  switch (token.kind) {
    case 'strange':
      return open;
    case 'fields':
      return fieldNeeds(token.names);
    case 'text':
      return textNeeds(token.text);
    case 'word':
      if (!pureFunctions.has(token.text)) return open;
      return token.text === 'tpl' ? { ...nothing, tpl: true } : nothing;
    case 'dot':
    case 'root':
    case 'other':
    case 'pipe':
      return nothing;
  }
}

const isWriter = (token: TemplateToken | undefined): boolean =>
  token?.kind === 'word' && writers.has(token.text);

/** Whether everything is written out, the number of the revision with it; `isRoot` says that the dot is everything. */
function writesRoot(tokens: readonly TemplateToken[], isRoot: boolean): boolean {
  return tokens.some(
    ({ kind }, at) =>
      (kind === 'root' || (kind === 'dot' && isRoot)) &&
      (isWriter(tokens[at - 1]) ||
        (tokens[at + 1]?.kind === 'pipe' && isWriter(tokens[at + 2])) ||
        tokens.length === 1),
  );
}

/** What a template needs. Templates that Go would not parse, and functions that are not known, are open. */
export function templateNeeds(source: string): TemplateNeeds {
  // Whether each block that is open gives the dot another meaning.
  const blocks: boolean[] = [];
  let needs = nothing;
  for (const tokens of templateActions(source)) {
    if (writesRoot(tokens, !blocks.includes(true))) return open;
    needs = tokens.map(tokenNeeds).reduce(bothNeed, needs);
    const [first] = tokens;
    const word = first?.kind === 'word' ? first.text : '';
    if (/^(?:if|range|with|define|block)$/.test(word)) blocks.push(/^(?:range|with)$/.test(word));
    if (word === 'end') blocks.pop();
  }
  return needs;
}

/** A curly bracket that YAML or JSON writes as an escape. */
const escapedBracket = /\\(?:x7b|u007b|U0000007b)/i;

/** The same of a file that `tpl` may be given, in whole or in part. */
export function dataNeeds(text: string): TemplateNeeds {
  return escapedBracket.test(text) ? open : templateNeeds(text);
}
