import { errorMessage } from '@slipway/runtime';
import { parseValuePath } from './value-path.ts';
import { isMapping, mergedValues, placeValue, type Values } from './value-tree.ts';

/** Single values, weakest first. */
export interface Settings {
  /** `key=JSON` lines, or whole JSON objects. */
  json: readonly string[];
  /** `key=value` lines whose value is typed. */
  typed: readonly string[];
  /** `key=value` lines whose value stays text. */
  texts: readonly string[];
  /** Contents of files. */
  files: readonly { key: string; text: string }[];
}

/**
 * The typed form of the text after `=`. As with Helm's `--set`, true, false, null and whole numbers
 * are typed and everything else is a string; but a number of seven or more digits stays a string,
 * because Helm would print it as 1.234567e+06 in a template and an all-digit commit is no number.
 */
export function typedValue(text: string): unknown {
  if (text === 'true') return true;
  if (text === 'false') return false;
  if (text === 'null') return null;
  return /^(0|-?[1-9]\d{0,5})$/.test(text) ? Number(text) : text;
}

/** The key and the value of a `key=value` line. Throws when it is none. */
export function keyAndValue(line: string): readonly [key: string, value: string] {
  const at = line.indexOf('=');
  if (at <= 0) throw new Error('it is not key=value');
  return [line.slice(0, at).trim(), line.slice(at + 1).trim()];
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // What JSON.parse throws quotes the text.
    throw new Error('what stands after "=" is no JSON; a text needs double quotes');
  }
}

/** Does `use` for each; an error names the entry by its number alone: one that is malformed is often a password. */
function each<T>(entries: readonly T[], use: (entry: T) => void): void {
  for (const [index, entry] of entries.entries())
    try {
      use(entry);
    } catch (cause) {
      throw new Error(`setting ${index + 1} cannot be used: ${errorMessage(cause)}`, { cause });
    }
}

function jsonObject(line: string): Values {
  const value = parsedJson(line);
  if (!isMapping(value)) throw new Error('it is neither key=JSON nor a JSON object');
  return value;
}

/**
 * The values object of settings over the values `below`. Everything after the first `=` is taken
 * literally (commas, braces and quotes mean nothing), so no value can become a second setting or a flag.
 * Throws an Error that names the line by its number and never quotes it.
 */
export function settingsValues(settings: Settings, below: Values): Readonly<Values> {
  let root: Values = {};
  const place = (key: string, value: unknown): void =>
    placeValue(root, parseValuePath(key), value, below);
  each(settings.json, (line) => {
    if (line.startsWith('{')) root = mergedValues(root, jsonObject(line));
    else {
      const [key, text] = keyAndValue(line);
      place(key, parsedJson(text));
    }
  });
  each(settings.typed, (line) => {
    const [key, text] = keyAndValue(line);
    place(key, typedValue(text));
  });
  each(settings.texts, (line) => place(...keyAndValue(line)));
  each(settings.files, ({ key, text }) => place(key, text));
  return root;
}

const none: Settings = { json: [], typed: [], texts: [], files: [] };

/** The values object of typed `key=value` lines alone; `settingsValues` says what is thrown. */
export function parseSetLines(lines: readonly string[]): Readonly<Values> {
  return settingsValues({ ...none, typed: lines }, {});
}

/** Throws what `settingsValues` would for these lines. */
export function checkSettings(lines: Partial<Pick<Settings, 'json' | 'texts'>>): void {
  settingsValues({ ...none, ...lines }, {});
}
