import { durationKind, integerKind, shareKind, sizeKind } from './amount-kinds.ts';
import { booleanKind, choiceKind } from './choice-kinds.ts';
import type { GivenTexts } from './given-texts.ts';
import { inputRules } from './input-rules.ts';
import type { GivenInput, InputKind, Optional } from './kind.ts';
import { listKind, mapKind, type ListRule } from './list-kinds.ts';
import { pathKind, pathsKind } from './path-kinds.ts';
import type { InputSource } from './source.ts';
import {
  documentKind,
  documentText,
  operandKind,
  parsedKind,
  secretDocumentKind,
  secretKind,
  textKind,
} from './text-kinds.ts';

/** Reads typed inputs, each kind by the file of its name, and the rules over several of them. */
export type InputReader = ReturnType<typeof createInputReader>;

/**
 * A reader of `texts`, which collect what is wrong, so that the user sees every bad input at once;
 * `readInputs` throws them in the end.
 */
export function createInputReader(
  source: InputSource,
  roots: readonly [string, ...string[]],
  texts: GivenTexts,
) {
  const { problem } = texts;
  const maskSecret = (value: string): void => source.maskSecret?.(value);

  const read = <T>(name: string, kind: InputKind<T>): T => {
    source.describe?.(name, kind.typing);
    if (kind.isSecret === true && texts.isSetting(name)) maskSecret(texts.refuseSecret(name));
    const untrimmed = texts.text(name);
    const given: GivenInput = {
      text: untrimmed.trim(),
      untrimmed,
      roots,
      problem: (message) => problem(`${name}: ${message}`),
      maskSecret,
    };
    return kind.read(given);
  };
  const given = (name: string): boolean => texts.text(name).trim() !== '';

  return {
    /** Adds a problem, for rules of an action's own: name the inputs, the rule and the likely cause. */
    problem,
    /** Whether the input has a value. */
    given,
    /** Whether its value is one of the input `settings`, which may say of many services what fits few. */
    isSetting: texts.isSetting,
    /** The documents of an input that is joined with that of `settings`, each with what to call it. */
    documents: (name: string): readonly { label: string; text: string }[] => {
      source.describe?.(name, documentKind.typing);
      return texts.layers(name).map(({ label, text }) => ({ label, text: documentText(text) }));
    },
    ...inputRules(given, problem),
    /** An input of a kind of the action's own. */
    as: read,
    /** What `check` returns; what it throws becomes this input's problem, and undefined is returned. */
    check: <T>(name: string, check: () => T): T | undefined => {
      try {
        return check();
      } catch (error) {
        problem(`${name}: ${error instanceof Error ? error.message : String(error)}`);
        return undefined;
      }
    },
    string: (name: string, rule?: Parameters<typeof textKind>[0]) => read(name, textKind(rule)),
    operand: (name: string, rule?: Parameters<typeof operandKind>[0]) =>
      read(name, operandKind(rule)),
    secret: (name: string, rule?: Parameters<typeof secretKind>[0]) => read(name, secretKind(rule)),
    document: (name: string) => read(name, documentKind),
    secretDocument: (name: string) => read(name, secretDocumentKind),
    parsed: <T>(name: string, parse: (text: string) => T, rule: { default: T }) =>
      read(name, parsedKind(parse, rule)),
    boolean: (name: string, rule?: Optional<boolean>) => read(name, booleanKind(rule)),
    oneOf: <const T extends string>(
      name: string,
      values: readonly [T, ...T[]],
      rule?: Optional<T>,
    ) => read(name, choiceKind(values, rule)),
    duration: (name: string, rule?: Parameters<typeof durationKind>[0]) =>
      read(name, durationKind(rule)),
    size: (name: string, rule?: Parameters<typeof sizeKind>[0]) => read(name, sizeKind(rule)),
    integer: (name: string, rule?: Parameters<typeof integerKind>[0]) =>
      read(name, integerKind(rule)),
    share: (name: string, rule: Parameters<typeof shareKind>[0]) => read(name, shareKind(rule)),
    list: (name: string, rule?: ListRule) => read(name, listKind(rule)),
    map: (name: string, rule?: Parameters<typeof mapKind>[0]) => read(name, mapKind(rule)),
    path: (name: string, rule?: Parameters<typeof pathKind>[0]) => read(name, pathKind(rule)),
    paths: (name: string, rule?: Parameters<typeof pathsKind>[0]) => read(name, pathsKind(rule)),
  };
}
