import { InputError, quoted } from '@slipway/runtime';
import { readYaml } from '@slipway/yaml';
import { isFields, text, type Entry, type Fields } from './fields.ts';

const maxBytes = 2 * 1024 * 1024;

/** An entry of one of the lists. */
interface Named {
  name: string;
  entry: Entry;
}

/** A kubeconfig as far as it was understood. */
export interface Kubeconfig {
  /** For messages. */
  source: string;
  currentContext: string | undefined;
  clusters: readonly Named[];
  users: readonly Named[];
  contexts: readonly Named[];
}

/** The text itself, or what it holds in base64, as secrets are often stored. */
export function decodedKubeconfig(text: string): string {
  const compact = text.replace(/\s+/g, '');
  if (compact.length < 40 || !/^[A-Za-z0-9+/]+={0,2}$/.test(compact)) return text;
  const decoded = Buffer.from(compact, 'base64').toString();
  return /^\s*(?:\{|[A-Za-z-]+\s*:)/m.test(decoded) ? decoded : text;
}

/** The entries of one list. As in kubectl, a name may stand there once. */
function named(root: Entry, list: string, inner: string): Named[] {
  const entries = root.fields[list] ?? [];
  if (!Array.isArray(entries))
    throw new InputError(`${root.where}: "${list}" is not a list, so this is not a kubeconfig.`);
  const found = new Map<string, Named>();
  for (const given of entries as unknown[]) {
    if (!isFields(given)) continue;
    const name = text({ ...root, fields: given, where: `${root.where}: ${list}` }, 'name');
    if (name === undefined) continue;
    if (found.has(name))
      throw new InputError(`${root.where} has two ${list} of the name ${quoted(name)}.`, {
        next: 'Remove one of them, or give it another name.',
      });
    const body = given[inner];
    const where = `${root.where}: the ${inner} ${quoted(name)}`;
    found.set(name, { name, entry: { ...root, fields: isFields(body) ? body : {}, where } });
  }
  return [...found.values()];
}

/** The first document of the text, which is the one that kubectl reads; empty for comments only. */
function firstDocument(given: string, source: string): Fields {
  const parsed =
    readYaml(decodedKubeconfig(given), {
      name: source,
      rules: 'helm',
      next: 'Store the whole output of "kubectl config view --raw --minify --flatten".',
    }) ?? {};
  if (!isFields(parsed))
    throw new InputError(`${source} is not a kubeconfig: expected a mapping with "clusters".`, {
      next: "Give the file's text (or its base64 form), not its name.",
    });
  return parsed;
}

/** Parses one kubeconfig. Throws InputError, which never quotes the text: it holds secrets. */
export function parseKubeconfig(given: string, source: string, folder?: string): Kubeconfig {
  if (Buffer.byteLength(given) > maxBytes)
    throw new InputError(`${source} is larger than 2 MiB, so it is not a kubeconfig.`);
  const root: Entry = { fields: firstDocument(given, source), where: source, folder };
  const version = text(root, 'apiVersion') ?? 'v1';
  const kind = text(root, 'kind') ?? 'Config';
  if (version !== 'v1' || kind !== 'Config')
    throw new InputError(
      `${source} is a ${quoted(kind)} of ${quoted(version)}, not a kubeconfig.`,
      {
        next: 'A kubeconfig is a Config of v1. Give the kubeconfig that is in the object.',
      },
    );
  return {
    source,
    currentContext: text(root, 'current-context'),
    clusters: named(root, 'clusters', 'cluster'),
    users: named(root, 'users', 'user'),
    contexts: named(root, 'contexts', 'context'),
  };
}

/** Whether a kubeconfig says nothing at all. */
export function isEmptyKubeconfig(config: Kubeconfig): boolean {
  const { clusters, users, contexts, currentContext } = config;
  return (
    [clusters, users, contexts].every(({ length }) => length === 0) && currentContext === undefined
  );
}

/** Several files of $KUBECONFIG as one; as in kubectl, the first to name a thing wins. */
export function mergeKubeconfigs(files: readonly Kubeconfig[]): Kubeconfig {
  const first = (pick: (file: Kubeconfig) => readonly Named[]): Named[] => {
    const known = new Map<string, Named>();
    for (const entry of files.flatMap(pick))
      if (!known.has(entry.name)) known.set(entry.name, entry);
    return [...known.values()];
  };
  return {
    source: files.map((file) => file.source).join(', '),
    currentContext: files.find((file) => file.currentContext !== undefined)?.currentContext,
    clusters: first((file) => file.clusters),
    users: first((file) => file.users),
    contexts: first((file) => file.contexts),
  };
}

/** One way into one cluster. */
export interface SelectedContext {
  name: string;
  context: Entry;
  cluster: Entry;
  user: Entry;
}

/**
 * The context named, or the current one, with its cluster and user; with `orOnly` an only context stands in for
 * one that is not there. Errors list what there is.
 */
export function selectContext(
  config: Kubeconfig,
  wanted: string | undefined,
  orOnly = false,
): SelectedContext {
  const contexts = config.contexts.map(({ name }) => name);
  const list = contexts.length === 0 ? 'it has none' : `it has ${contexts.join(', ')}`;
  const only = contexts.length === 1 ? contexts[0] : undefined;
  const isMissing = wanted !== undefined && !contexts.includes(wanted);
  const given = orOnly && isMissing ? (only ?? wanted) : wanted;
  const name = given ?? config.currentContext ?? only;
  if (name === undefined)
    throw new InputError(`${config.source} has no current-context (${list}).`, {
      next: 'Set one with "kubectl config use-context NAME" before storing the file.',
    });
  const context = config.contexts.find((entry) => entry.name === name)?.entry;
  if (context === undefined)
    throw new InputError(`${config.source} has no context ${quoted(name)}: ${list}.`);
  const find = (field: 'cluster' | 'user', entries: readonly Named[]): Entry => {
    const wantedName = text(context, field);
    if (wantedName === undefined)
      throw new InputError(`${config.source}: context ${quoted(name)} names no ${field}.`);
    const found = entries.find((entry) => entry.name === wantedName);
    if (found !== undefined) return found.entry;
    throw new InputError(
      `${config.source}: context ${quoted(name)} names the ${field} ${quoted(wantedName)}, ` +
        `which is not there (${entries.map((entry) => entry.name).join(', ') || 'none is'}).`,
    );
  };
  return {
    name,
    context,
    cluster: find('cluster', config.clusters),
    user: find('user', config.users),
  };
}
