import path from 'node:path';
import { InputError, quoted } from '@slipway/runtime';

/** A mapping of a kubeconfig whose values nobody has looked at yet. */
export type Fields = Readonly<Record<string, unknown>>;

/** Fields, and where they stand. */
export interface Entry {
  fields: Fields;
  /** For messages: `/home/me/.kube/config: the user "ci"`. */
  where: string;
  /** What relative file names are relative to; undefined when the text came from an input. */
  folder: string | undefined;
}

/** Whether `value` is a mapping. */
export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function wrong(entry: Entry, name: string, wanted: string): InputError {
  return new InputError(`${entry.where}: ${name} must be ${wanted}.`, {
    next: 'A value that YAML takes for a number or a truth needs quotes.',
  });
}

/** A text; undefined when it is absent, null or empty. Throws InputError when it is something else. */
export function text(entry: Entry, name: string): string | undefined {
  const value = entry.fields[name] ?? '';
  if (typeof value !== 'string') throw wrong(entry, name, 'a text');
  return value === '' ? undefined : value;
}

/** A truth, false when absent. Throws InputError when it is something else. */
export function flag(entry: Entry, name: string): boolean {
  const value = entry.fields[name] ?? false;
  if (typeof value !== 'boolean') throw wrong(entry, name, 'true or false');
  return value;
}

/** A list of texts, empty when absent. Throws InputError when it is something else. */
export function texts(entry: Entry, name: string): readonly string[] {
  const value: unknown = entry.fields[name] ?? [];
  if (!Array.isArray(value) || !value.every((item) => typeof item === 'string'))
    throw wrong(entry, name, 'a list of texts');
  return value;
}

/** A mapping within the entry; undefined when absent. Throws InputError when it is something else. */
export function inner(entry: Entry, name: string): Entry | undefined {
  const value = entry.fields[name] ?? undefined;
  if (value === undefined) return undefined;
  if (!isFields(value)) throw wrong(entry, name, 'a mapping');
  return { ...entry, fields: value, where: `${entry.where}: ${name}` };
}

/** A list of mappings within the entry. Throws InputError when it is something else. */
export function inners(entry: Entry, name: string): readonly Entry[] {
  const value: unknown = entry.fields[name] ?? [];
  if (!Array.isArray(value) || !value.every(isFields))
    throw wrong(entry, name, 'a list of mappings');
  return value.map((fields) => ({ ...entry, fields, where: `${entry.where}: ${name}` }));
}

/** What a field holds in base64. Throws InputError when it is not that. */
export function data(entry: Entry, name: string): string | undefined {
  const value = text(entry, name)?.replace(/[\r\n]/g, '');
  if (value === undefined) return undefined;
  if (value.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(value))
    throw new InputError(`${entry.where}: ${name} is not base64.`, {
      next: 'Copy it whole, or give the name of the file in the field without "-data".',
    });
  return Buffer.from(value, 'base64').toString();
}

/** The absolute path of a file that a field names. Throws InputError when it cannot be relative to anything. */
export function fileName(entry: Entry, name: string): string | undefined {
  const value = text(entry, name);
  if (value === undefined || path.isAbsolute(value)) return value;
  if (entry.folder === undefined)
    throw new InputError(
      `${entry.where} refers to the file ${quoted(value)} (${name}), which is not part of it.`,
      { next: 'Flatten it: "kubectl config view --raw --minify --flatten".' },
    );
  return path.resolve(entry.folder, value);
}
