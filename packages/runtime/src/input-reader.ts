import { parseDuration } from './duration.ts';
import { InputError } from './errors.ts';
import { parseSize } from './size.ts';
import { confine } from './workspace-path.ts';

/** Where input strings come from; the empty string when the input was not given. */
export interface InputSource {
  get(name: string): string;
}

interface Optional<T> {
  default?: T;
}

const maxInputLength = 1_048_576;

/**
 * Reads typed inputs and collects what is wrong with them, so that the user sees every bad input at
 * once. After a problem a method returns a harmless value of its type; `readInputs` throws at the end.
 */
export class InputReader {
  readonly names = new Set<string>();
  readonly problems: string[] = [];
  readonly #source: InputSource;
  readonly #workspace: string;

  constructor(source: InputSource, workspace: string) {
    this.#source = source;
    this.#workspace = workspace;
  }

  /** Adds a problem, for cross-field rules: name the inputs, the rule and the likely cause. */
  problem(message: string): void {
    this.problems.push(message);
  }

  /** The trimmed text. `pattern` must match all of it when it is not empty; `expected` explains it. */
  string(
    name: string,
    rule: { required?: boolean; default?: string; pattern?: RegExp; expected?: string } = {},
  ): string {
    const text = this.#text(name);
    if (text === '') {
      if (rule.required === true) this.problem(`${name}: a value is required.`);
      return rule.default ?? '';
    }
    if (rule.pattern !== undefined && !rule.pattern.test(text))
      this.problem(
        `${name}: ${quoted(text)} is not valid; expected ${rule.expected ?? rule.pattern.source}.`,
      );
    return text;
  }

  /** A value that is handed to a tool as an operand: like `string`, and refused when it begins with `-`. */
  operand(
    name: string,
    rule: { required?: boolean; default?: string; pattern?: RegExp; expected?: string } = {},
  ): string {
    const text = this.string(name, rule);
    if (text.startsWith('-'))
      this.problem(`${name}: ${quoted(text)} begins with "-", so a tool would read it as a flag.`);
    return text;
  }

  /** `true` or `false` in YAML 1.2's spellings. */
  boolean(name: string, rule: Optional<boolean> = {}): boolean {
    const text = this.#text(name);
    if (text === '') return rule.default ?? false;
    if (/^(true|True|TRUE)$/.test(text)) return true;
    if (!/^(false|False|FALSE)$/.test(text))
      this.problem(`${name}: ${quoted(text)} is not a boolean; valid values: true, false.`);
    return false;
  }

  /** Milliseconds of a duration such as `90s`. */
  duration(name: string, rule: Optional<number> & { minMs?: number; maxMs?: number } = {}): number {
    const text = this.#text(name);
    if (text === '') return rule.default ?? 0;
    const ms = parseDuration(text);
    if (ms === undefined) {
      this.problem(
        `${name}: ${quoted(text)} is not a duration; write for example 90s, 5m or 1h30m.`,
      );
      return rule.default ?? 0;
    }
    if (rule.minMs !== undefined && ms < rule.minMs)
      this.problem(
        `${name}: ${quoted(text)} is shorter than the least allowed, ${rule.minMs / 1000}s.`,
      );
    if (rule.maxMs !== undefined && ms > rule.maxMs)
      this.problem(
        `${name}: ${quoted(text)} is longer than the most allowed, ${rule.maxMs / 1000}s.`,
      );
    return ms;
  }

  /** A whole number within `min` and `max`. */
  integer(name: string, rule: Optional<number> & { min?: number; max?: number } = {}): number {
    const text = this.#text(name);
    if (text === '') return rule.default ?? 0;
    const value = Number(text);
    const { min = 0, max = Number.MAX_SAFE_INTEGER } = rule;
    if (!/^-?\d{1,15}$/.test(text) || value < min || value > max) {
      this.problem(`${name}: ${quoted(text)} is not a whole number from ${min} to ${max}.`);
      return rule.default ?? min;
    }
    return value;
  }

  /** Bytes of a size such as `512MiB`. */
  size(name: string, rule: Optional<number> = {}): number {
    const text = this.#text(name);
    if (text === '') return rule.default ?? 0;
    const bytes = parseSize(text);
    if (bytes === undefined)
      this.problem(`${name}: ${quoted(text)} is not a size; write for example 512MiB or 2GB.`);
    return bytes ?? 0;
  }

  /** One of `values`, the first by default; the problem lists them. */
  oneOf<const T extends string>(
    name: string,
    values: readonly [T, ...T[]],
    rule: Optional<T> = {},
  ): T {
    const text = this.#text(name);
    const fallback = rule.default ?? values[0];
    if (text === '') return fallback;
    const found = values.find((value) => value === text);
    if (found === undefined)
      this.problem(`${name}: ${quoted(text)} is unknown; valid values: ${values.join(', ')}.`);
    return found ?? fallback;
  }

  /** One entry per line; blank lines and lines that begin with `#` are passed over. */
  list(
    name: string,
    rule: Optional<readonly string[]> & { operands?: boolean } = {},
  ): readonly string[] {
    const entries = this.#text(name)
      .split(/\r?\n/)
      .map((line) => line.trim())
      .filter((line) => line !== '' && !line.startsWith('#'));
    for (const entry of entries)
      if (rule.operands === true && entry.startsWith('-'))
        this.problem(
          `${name}: ${quoted(entry)} begins with "-", so a tool would read it as a flag.`,
        );
    return entries.length === 0 ? (rule.default ?? []) : entries;
  }

  /** One `key=value` per line, in order. */
  map(name: string): Readonly<Record<string, string>> {
    const result: Record<string, string> = Object.create(null) as Record<string, string>;
    for (const line of this.list(name)) {
      const at = line.indexOf('=');
      if (at <= 0) this.problem(`${name}: the line ${quoted(line)} is not of the form key=value.`);
      else result[line.slice(0, at).trim()] = line.slice(at + 1).trim();
    }
    return result;
  }

  /** An absolute path inside the workspace. */
  path(name: string, rule: Optional<string> & { required?: boolean } = {}): string {
    const text = this.string(name, rule);
    return text === '' ? '' : this.#confined(name, text);
  }

  /** Absolute paths inside the workspace, one per line. */
  paths(name: string): readonly string[] {
    return this.list(name).map((entry) => this.#confined(name, entry));
  }

  /** Whatever `parse` makes of the text; what it throws becomes this input's problem. */
  parsed<T>(name: string, parse: (text: string) => T, rule: { default: T }): T {
    const text = this.#text(name);
    if (text === '') return rule.default;
    try {
      return parse(text);
    } catch (error) {
      this.problem(`${name}: ${error instanceof Error ? error.message : String(error)}`);
      return rule.default;
    }
  }

  #confined(name: string, text: string): string {
    const absolute = confine(this.#workspace, text);
    if (absolute === undefined) this.problem(`${name}: ${quoted(text)} is outside the workspace.`);
    return absolute ?? this.#workspace;
  }

  #text(name: string): string {
    this.names.add(name);
    const text = this.#source.get(name);
    if (text.length > maxInputLength) {
      this.problem(
        `${name}: ${text.length} characters are more than the ${maxInputLength} allowed.`,
      );
      return '';
    }
    if (text.includes('\0')) this.problem(`${name}: contains a NUL character.`);
    return text.trim();
  }
}

/** At most 80 characters of `text`, in quotes, with control characters escaped. */
export function quoted(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 79)}…` : text);
}

/**
 * Turns strings into one frozen, validated value. Throws one InputError that lists every problem of
 * every input.
 */
export function readInputs<T extends object>(
  source: InputSource,
  workspace: string,
  build: (read: InputReader) => T,
): Readonly<T> {
  const reader = new InputReader(source, workspace);
  const inputs = build(reader);
  if (reader.problems.length > 0)
    throw new InputError(
      reader.problems.length === 1
        ? `Bad input ${reader.problems[0]}`
        : `Bad inputs:\n${reader.problems.map((problem) => `  ${problem}`).join('\n')}`,
    );
  return Object.freeze(inputs);
}
