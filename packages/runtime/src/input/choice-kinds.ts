import { quoted } from '../text/index.ts';
import type { GivenInput, InputKind, Optional } from './kind.ts';

/** `true` or `false` in YAML 1.2's spellings; false by default. */
export function booleanKind(rule: Optional<boolean> = {}): InputKind<boolean> {
  return {
    typing: { type: 'boolean' },
    read: ({ text, problem }) => {
      if (text === '') return rule.default ?? false;
      if (/^(?:true|True|TRUE)$/.test(text)) return true;
      if (!/^(?:false|False|FALSE)$/.test(text))
        problem(`${quoted(text)} is not a boolean; valid values: true, false.`);
      return false;
    },
  };
}

/** The one of `values` that `text` is; says so, and lists them, when it is none. */
export function choose<const T extends string>(
  { problem }: GivenInput,
  text: string,
  values: readonly T[],
): T | undefined {
  const found = values.find((value) => value === text);
  if (found === undefined)
    problem(`${quoted(text)} is unknown; valid values: ${values.join(', ')}.`);
  return found;
}

/** One of `values`, the first by default. */
export function choiceKind<const T extends string>(
  values: readonly [T, ...T[]],
  rule: Optional<T> = {},
): InputKind<T> {
  const fallback = rule.default ?? values[0];
  return {
    typing: { type: 'enum', allowedValues: values },
    read: (given) =>
      given.text === '' ? fallback : (choose(given, given.text, values) ?? fallback),
  };
}
