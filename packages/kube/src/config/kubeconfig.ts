import path from 'node:path';
import { InputError, quoted } from '@slipway/runtime';
import { load } from 'js-yaml';

const maxBytes = 2 * 1024 * 1024;

/** A mapping of a kubeconfig whose values nobody has looked at yet. */
export type Fields = Readonly<Record<string, unknown>>;

interface Named {
  name: string;
  body: Fields;
}

/** A kubeconfig as far as it was understood. Relative file names are relative to `folder`. */
export interface Kubeconfig {
  /** For messages. */
  source: string;
  /** Undefined when the text came from an input, so that no file can be relative to it. */
  folder: string | undefined;
  currentContext: string | undefined;
  clusters: readonly Named[];
  users: readonly Named[];
  contexts: readonly Named[];
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The text itself, or what it holds in base64, as secrets are often stored. */
export function decodedKubeconfig(text: string): string {
  const compact = text.replace(/\s+/g, '');
  if (compact.length < 40 || !/^[A-Za-z0-9+/]+={0,2}$/.test(compact)) return text;
  const decoded = Buffer.from(compact, 'base64').toString();
  return /^\s*(?:\{|[A-Za-z-]+\s*:)/m.test(decoded) ? decoded : text;
}

function named(fields: Fields, list: string, inner: string, source: string): Named[] {
  const entries = fields[list] ?? [];
  if (!Array.isArray(entries))
    throw new InputError(`${source}: "${list}" is not a list, so this is not a kubeconfig.`);
  return entries.flatMap((entry: unknown): Named[] => {
    if (!isFields(entry) || typeof entry['name'] !== 'string') return [];
    const body = entry[inner];
    return [{ name: entry['name'], body: isFields(body) ? body : {} }];
  });
}

/** Parses one kubeconfig. Throws InputError, which never quotes the text: it holds secrets. */
export function parseKubeconfig(given: string, source: string, folder?: string): Kubeconfig {
  if (Buffer.byteLength(given) > maxBytes)
    throw new InputError(`${source} is larger than 2 MiB, so it is not a kubeconfig.`);
  const text = decodedKubeconfig(given);
  let parsed: unknown;
  try {
    parsed = load(text, { maxDepth: 30 });
  } catch (error) {
    const mark = (error as { mark?: { line?: number } }).mark;
    throw new InputError(
      `${source} is not valid YAML${mark?.line === undefined ? '' : ` (line ${mark.line + 1})`}.`,
      { next: 'Store the whole output of "kubectl config view --raw --minify --flatten".' },
    );
  }
  if (!isFields(parsed))
    throw new InputError(`${source} is not a kubeconfig: expected a mapping with "clusters".`, {
      next: "Give the file's text (or its base64 form), not its name.",
    });
  const current = parsed['current-context'];
  return {
    source,
    folder,
    currentContext: typeof current === 'string' && current !== '' ? current : undefined,
    clusters: named(parsed, 'clusters', 'cluster', source),
    users: named(parsed, 'users', 'user', source),
    contexts: named(parsed, 'contexts', 'context', source),
  };
}

/** Several files of $KUBECONFIG as one; as in kubectl, the first to name a thing wins. */
export function mergeKubeconfigs(files: readonly Kubeconfig[]): Kubeconfig {
  const first = (pick: (file: Kubeconfig) => readonly Named[]): Named[] => {
    const known = new Map<string, Named>();
    for (const file of files)
      for (const entry of pick(file))
        if (!known.has(entry.name))
          known.set(entry.name, { name: entry.name, body: absolute(entry.body, file.folder) });
    return [...known.values()];
  };
  return {
    source: files.map((file) => file.source).join(', '),
    folder: files[0]?.folder,
    currentContext: files.find((file) => file.currentContext !== undefined)?.currentContext,
    clusters: first((file) => file.clusters),
    users: first((file) => file.users),
    contexts: first((file) => file.contexts),
  };
}

const fileFields = ['certificate-authority', 'client-certificate', 'client-key', 'tokenFile'];

function absolute(body: Fields, folder: string | undefined): Fields {
  if (folder === undefined) return body;
  const changed = fileFields.flatMap((field) => {
    const value = body[field];
    return typeof value === 'string' && value !== '' ? [[field, path.resolve(folder, value)]] : [];
  });
  return { ...body, ...(Object.fromEntries(changed) as Fields) };
}

/** The context named, or the current one, with its cluster and user. Errors list what there is. */
export function selectContext(
  config: Kubeconfig,
  wanted: string | undefined,
): { name: string; context: Fields; cluster: Fields; user: Fields } {
  const contexts = config.contexts.map(({ name }) => name);
  const list = contexts.length === 0 ? 'it has none' : `it has ${contexts.join(', ')}`;
  const name = wanted ?? config.currentContext ?? (contexts.length === 1 ? contexts[0] : undefined);
  if (name === undefined)
    throw new InputError(`${config.source} has no current-context (${list}).`, {
      next: 'Set one with "kubectl config use-context NAME" before storing the file.',
    });
  const context = config.contexts.find((entry) => entry.name === name);
  if (context === undefined)
    throw new InputError(`${config.source} has no context ${quoted(name)}: ${list}.`);
  const find = (field: 'cluster' | 'user', entries: readonly Named[]): Fields => {
    const wantedName = context.body[field];
    const found = entries.find((entry) => entry.name === wantedName);
    if (found !== undefined) return absolute(found.body, config.folder);
    if (field === 'user' && (wantedName === undefined || wantedName === '')) return {};
    throw new InputError(
      `${config.source}: context ${quoted(name)} names the ${field} ${quoted(String(wantedName))}, ` +
        `which is not there (${entries.map((entry) => entry.name).join(', ') || 'none is'}).`,
    );
  };
  return {
    name,
    context: context.body,
    cluster: find('cluster', config.clusters),
    user: find('user', config.users),
  };
}
