import path from 'node:path';
import { formatDuration, parseDuration, parseSize, quoted } from '../text/index.ts';
import { confineReal } from './workspace-path.ts';

/** Where input strings come from; the empty string when the input was not given. */
export interface InputSource {
  get(name: string): string;
  /** Called with the value of each input that is read as a secret. */
  maskSecret?(value: string): void;
}

interface Optional<T> {
  default?: T;
}

interface TextRule {
  required?: boolean;
  default?: string;
  /** Must match all of the text when it is not empty. */
  pattern?: RegExp;
  /** Explains `pattern` in words, after "expected". */
  expected?: string;
}

const maxInputLength = 1_048_576;

function matchesAll(pattern: RegExp, text: string): boolean {
  return new RegExp(`^(?:${pattern.source})$`, pattern.flags.replace(/[gmy]/g, '')).test(text);
}

/**
 * Reads typed inputs and collects what is wrong with them, so that the user sees every bad input at
 * once. After a problem a method returns a harmless value of its type; `readInputs` throws at the end.
 */
export class InputReader {
  /** The inputs that were asked for. */
  readonly names = new Set<string>();
  readonly problems: string[] = [];
  readonly #source: InputSource;
  readonly #roots: readonly [string, ...string[]];

  constructor(source: InputSource, roots: string | readonly [string, ...string[]]) {
    this.#source = source;
    this.#roots = typeof roots === 'string' ? [roots] : roots;
  }

  /** Adds a problem, for cross-field rules: name the inputs, the rule and the likely cause. */
  problem(message: string): void {
    this.problems.push(message);
  }

  /** Whether the input has a value. */
  given(name: string): boolean {
    return this.#text(name) !== '';
  }

  /** Cross-field rule: exactly one of these inputs has a value. `why` is appended to the problem. */
  exactlyOne(names: readonly [string, string, ...string[]], why = ''): void {
    const given = names.filter((name) => this.given(name));
    if (given.length === 1) return;
    const found = given.length === 0 ? 'none was' : `${given.join(' and ')} were`;
    this.problem(
      `${names.join(', ')}: exactly one of these must be given, but ${found}.${gap(why)}`,
    );
  }

  /** Cross-field rule: at most one of these inputs has a value. */
  atMostOne(names: readonly [string, string, ...string[]], why = ''): void {
    const given = names.filter((name) => this.given(name));
    if (given.length > 1)
      this.problem(`${given.join(' and ')}: only one of these may be given.${gap(why)}`);
  }

  /** Cross-field rule: `name` has an effect only together with `other`. */
  requires(name: string, other: string, why = ''): void {
    if (this.given(name) && !this.given(other))
      this.problem(
        `${name}: has an effect only together with ${other}, which is empty.${gap(why)}`,
      );
  }

  /** The trimmed text. */
  string(name: string, rule: TextRule = {}): string {
    const text = this.#text(name);
    if (text === '') {
      if (rule.required === true) this.problem(`${name}: a value is required.`);
      return rule.default ?? '';
    }
    if (rule.pattern !== undefined && !matchesAll(rule.pattern, text))
      this.problem(
        `${name}: ${quoted(text)} is not valid; expected ${rule.expected ?? rule.pattern.source}.`,
      );
    return text;
  }

  /** Text that may have several lines, such as YAML: its first line keeps its indentation. */
  document(name: string): string {
    const trimmed = this.#text(name);
    if (!trimmed.includes('\n')) return trimmed;
    return this.#source
      .get(name)
      .replace(/^(?:[^\S\n]*\n)+/, '')
      .trimEnd();
  }

  /** A value that is handed to a tool as an operand: like `string`, and refused when it begins with `-`. */
  operand(name: string, rule: TextRule = {}): string {
    const text = this.string(name, rule);
    this.#refuseFlag(name, text);
    return text;
  }

  /** A secret: masked at once, and never quoted in a problem. */
  secret(name: string, rule: { required?: boolean } = {}): string {
    const text = this.#text(name);
    if (text !== '') this.#source.maskSecret?.(text);
    else if (rule.required === true)
      this.problem(
        `${name}: a value is required. A secret that is not defined, or not open to this event (a fork, Dependabot), is empty.`,
      );
    return text;
  }

  /** `true` or `false` in YAML 1.2's spellings. */
  boolean(name: string, rule: Optional<boolean> = {}): boolean {
    const text = this.#text(name);
    if (text === '') return rule.default ?? false;
    if (/^(?:true|True|TRUE)$/.test(text)) return true;
    if (!/^(?:false|False|FALSE)$/.test(text))
      this.problem(`${name}: ${quoted(text)} is not a boolean; valid values: true, false.`);
    return false;
  }

  /** Milliseconds of a duration such as `90s`. */
  duration(name: string, rule: Optional<number> & { minMs?: number; maxMs?: number } = {}): number {
    const text = this.#text(name);
    const { minMs = 0, maxMs = Infinity } = rule;
    if (text === '') return rule.default ?? 0;
    const ms = parseDuration(text);
    if (ms !== undefined && ms >= minMs && ms <= maxMs) return ms;
    this.problem(
      ms === undefined
        ? `${name}: ${quoted(text)} is not a duration; write for example 90s, 5m or 1h30m.`
        : ms < minMs
          ? `${name}: ${quoted(text)} is shorter than the least allowed, ${formatDuration(minMs)}.`
          : `${name}: ${quoted(text)} is longer than the most allowed, ${formatDuration(maxMs)}.`,
    );
    return rule.default ?? 0;
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

  /** Bytes of a size such as `512MiB`, within `min` and `max`. */
  size(name: string, rule: Optional<number> & { min?: number; max?: number } = {}): number {
    const text = this.#text(name);
    if (text === '') return rule.default ?? 0;
    const bytes = parseSize(text);
    const { min = 0, max = Number.MAX_SAFE_INTEGER } = rule;
    if (bytes === undefined)
      this.problem(`${name}: ${quoted(text)} is not a size; write for example 512MiB or 2GB.`);
    else if (bytes < min || bytes > max)
      this.problem(`${name}: ${quoted(text)} is not from ${min} to ${max} bytes.`);
    else return bytes;
    return rule.default ?? 0;
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
    rule: Optional<readonly string[]> & {
      required?: boolean;
      /** Refuses entries that begin with `-`. */
      operands?: boolean;
      /** Must match all of each entry. */
      pattern?: RegExp;
      expected?: string;
    } = {},
  ): readonly string[] {
    const entries = this.#text(name)
      .split(/\r\n?|\n/)
      .map((line) => line.trim())
      .filter((line) => line !== '' && !line.startsWith('#'));
    if (entries.length === 0) {
      if (rule.required === true) this.problem(`${name}: at least one entry is required.`);
      return rule.default ?? [];
    }
    for (const entry of entries) {
      if (rule.operands === true) this.#refuseFlag(name, entry);
      if (rule.pattern !== undefined && !matchesAll(rule.pattern, entry))
        this.problem(
          `${name}: ${quoted(entry)} is not valid; expected ${rule.expected ?? rule.pattern.source}.`,
        );
    }
    return entries;
  }

  /**
   * One `key=value` per line, in order; the first `=` parts them. A key given twice is a problem. The
   * result has no prototype, so `__proto__` and `constructor` are keys like any other.
   */
  map(
    name: string,
    rule: { keyPattern?: RegExp; expected?: string } = {},
  ): Readonly<Record<string, string>> {
    const result = Object.create(null) as Record<string, string>;
    for (const line of this.list(name)) {
      const at = line.indexOf('=');
      const key = line.slice(0, at).trim();
      if (at <= 0 || key === '')
        this.problem(`${name}: the line ${quoted(line)} is not of the form key=value.`);
      else if (rule.keyPattern !== undefined && !matchesAll(rule.keyPattern, key))
        this.problem(
          `${name}: the key ${quoted(key)} is not valid; expected ${rule.expected ?? rule.keyPattern.source}.`,
        );
      else if (key in result) this.problem(`${name}: the key ${quoted(key)} is given twice.`);
      else result[key] = line.slice(at + 1).trim();
    }
    return result;
  }

  /**
   * An absolute path inside the workspace (or another allowed root), links followed; relative paths
   * begin at the workspace.
   */
  path(name: string, rule: Optional<string> & { required?: boolean } = {}): string {
    const text = this.string(name, rule);
    return text === '' ? '' : this.#confined(name, text);
  }

  /** Absolute paths like those of `path`, one per line. */
  paths(name: string, rule: Optional<readonly string[]> = {}): readonly string[] {
    return this.list(name, rule).map((entry) => this.#confined(name, entry));
  }

  /** Whatever `parse` makes of the document; what it throws becomes this input's problem. */
  parsed<T>(name: string, parse: (text: string) => T, rule: { default: T }): T {
    const text = this.document(name);
    if (text === '') return rule.default;
    try {
      return parse(text);
    } catch (error) {
      this.problem(`${name}: ${error instanceof Error ? error.message : String(error)}`);
      return rule.default;
    }
  }

  #refuseFlag(name: string, text: string): void {
    if (text.startsWith('-'))
      this.problem(`${name}: ${quoted(text)} begins with "-", so a tool would read it as a flag.`);
  }

  #confined(name: string, text: string): string {
    const [workspace] = this.#roots;
    const absolute = path.resolve(workspace, text);
    for (const root of this.#roots) if (confineReal(root, absolute) !== undefined) return absolute;
    const where =
      this.#roots.length > 1 ? "the workspace and the runner's temp folder" : 'the workspace';
    this.problem(`${name}: ${quoted(text)} is outside ${where}, or leads out by a link.`);
    return workspace;
  }

  #text(name: string): string {
    const text = this.#source.get(name);
    const first = !this.names.has(name);
    this.names.add(name);
    if (text.length > maxInputLength) {
      if (first)
        this.problem(
          `${name}: ${text.length} characters are more than the ${maxInputLength} allowed.`,
        );
      return '';
    }
    if (text.includes('\0') && first) this.problem(`${name}: contains a NUL character.`);
    return text.trim();
  }
}

function gap(why: string): string {
  return why === '' ? '' : ` ${why}`;
}
