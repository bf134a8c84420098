import { quoted } from '../text/index.ts';
import { choose } from './choice-kinds.ts';
import type { GivenInput, InputKind, Optional } from './kind.ts';
import { checkPattern, refuseFlag } from './text-kinds.ts';

/** What a list and its entries must be. */
export interface ListRule extends Optional<readonly string[]> {
  required?: boolean;
  /** Refuses entries that begin with `-`. */
  operands?: boolean;
  /** Must match all of each entry. */
  pattern?: RegExp;
  expected?: string;
  /** What alone may be an entry. */
  values?: readonly string[];
}

/** The lines that say something: neither blank nor a comment that begins with `#`. */
function entriesOf({ text }: GivenInput): readonly string[] {
  return text
    .split(/\r\n?|\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
}

/** One entry per line. */
export function listKind(rule: ListRule = {}): InputKind<readonly string[]> {
  const { values } = rule;
  return {
    typing: {
      type: 'list',
      item: values === undefined ? { type: 'string' } : { type: 'enum', allowedValues: values },
    },
    read: (given) => {
      const entries = entriesOf(given);
      if (entries.length === 0) {
        if (rule.required === true) given.problem('at least one entry is required.');
        return rule.default ?? [];
      }
      for (const entry of entries) {
        if (rule.operands === true) refuseFlag(given, entry);
        if (values !== undefined) choose(given, entry, values);
        checkPattern(given, entry, rule);
      }
      return entries;
    },
  };
}

/**
 * One `key=value` per line, in order; the first `=` parts them. A key given twice is a problem. The
 * result has no prototype, so `__proto__` and `constructor` are keys like any other.
 */
export function mapKind(
  rule: { keyPattern?: RegExp; expected?: string } = {},
): InputKind<Readonly<Record<string, string>>> {
  const { keyPattern: pattern, expected } = rule;
  const keyRule = {
    what: 'the key ',
    ...(pattern === undefined ? {} : { pattern }),
    ...(expected === undefined ? {} : { expected }),
  };
  return {
    typing: { type: 'list', item: { type: 'string' } },
    read: (given) => {
      const result = Object.create(null) as Record<string, string>;
      for (const line of entriesOf(given)) {
        const at = line.indexOf('=');
        const key = line.slice(0, at).trim();
        if (at <= 0 || key === '')
          given.problem(`the line ${quoted(line)} is not of the form key=value.`);
        else if (key in result) given.problem(`the key ${quoted(key)} is given twice.`);
        else if (checkPattern(given, key, keyRule)) result[key] = line.slice(at + 1).trim();
      }
      return result;
    },
  };
}
