import { quoted } from '../text/index.ts';
import type { GivenInput, InputKind } from './kind.ts';

/** What a text must look like. */
export interface TextRule {
  required?: boolean;
  default?: string;
  /** Must match all of the text when it is not empty. */
  pattern?: RegExp;
  /** Explains `pattern` in words, after "expected". */
  expected?: string;
}

/** Says so when `pattern` does not match all of `text`. */
export function checkPattern(
  given: GivenInput,
  text: string,
  rule: { pattern?: RegExp; expected?: string; what?: string },
): boolean {
  const { pattern, what = '' } = rule;
  if (pattern === undefined) return true;
  const all = new RegExp(`^(?:${pattern.source})$`, pattern.flags.replace(/[gmy]/g, ''));
  if (all.test(text)) return true;
  given.problem(
    `${what}${quoted(text)} is not valid; expected ${rule.expected ?? pattern.source}.`,
  );
  return false;
}

/** Says so when a tool would take `text`, which is handed to it as an operand, for a flag. */
export function refuseFlag(given: GivenInput, text: string): void {
  if (text.startsWith('-'))
    given.problem(`${quoted(text)} begins with "-", so a tool would read it as a flag.`);
}

/** The trimmed text. */
export function textKind(rule: TextRule = {}): InputKind<string> {
  return {
    typing: { type: 'string' },
    read: (given) => {
      if (given.text === '') {
        if (rule.required === true) given.problem('a value is required.');
        return rule.default ?? '';
      }
      checkPattern(given, given.text, rule);
      return given.text;
    },
  };
}

/** A text that is handed to a tool as an operand: refused when it begins with `-`. */
export function operandKind(rule: TextRule = {}): InputKind<string> {
  const { typing, read } = textKind(rule);
  return {
    typing,
    read: (given) => {
      const text = read(given);
      refuseFlag(given, text);
      return text;
    },
  };
}

/** A secret: masked at once, and never quoted in a problem. */
export function secretKind(rule: { required?: boolean } = {}): InputKind<string> {
  return {
    typing: { type: 'string' },
    isSecret: true,
    read: (given) => {
      if (given.text !== '') given.maskSecret(given.text);
      else if (rule.required === true)
        given.problem(
          'a value is required. A secret that is not defined, or not open to this event (a fork, Dependabot), is empty.',
        );
      return given.text;
    },
  };
}

/** A text that may have several lines, such as YAML: its first line keeps its indentation. */
export function documentText(untrimmed: string): string {
  const text = untrimmed.trim();
  return text.includes('\n') ? untrimmed.replace(/^(?:[^\S\n]*\n)+/, '').trimEnd() : text;
}

/** The text of a document. */
export const documentKind: InputKind<string> = {
  typing: { type: 'string' },
  read: ({ untrimmed }) => documentText(untrimmed),
};

/** A document that is a secret or the path of one; who reads it masks what is secret in it. */
export const secretDocumentKind: InputKind<string> = {
  typing: documentKind.typing,
  isSecret: true,
  read: documentKind.read,
};

/** Whatever `parse` makes of a document; what it throws becomes the problem. */
export function parsedKind<T>(parse: (text: string) => T, rule: { default: T }): InputKind<T> {
  return {
    typing: { type: 'string' },
    read: (given) => {
      const text = documentKind.read(given);
      if (text === '') return rule.default;
      try {
        return parse(text);
      } catch (error) {
        given.problem(error instanceof Error ? error.message : String(error));
        return rule.default;
      }
    },
  };
}
