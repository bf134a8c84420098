import type { InputTyping } from './source.ts';

/** One input as it is read. */
export interface GivenInput {
  /** Trimmed; empty when the input was not given. */
  text: string;
  /** As it was given, blanks and all. */
  untrimmed: string;
  /** The workspace, and the other folders that paths may be in. */
  roots: readonly [string, ...string[]];
  /** Says what is wrong with it, without its name. */
  problem: (message: string) => void;
  maskSecret: (value: string) => void;
}

/**
 * How inputs of one kind are read. After a problem `read` returns a harmless value of the type; the
 * problems of all inputs are thrown together in the end.
 */
export interface InputKind<T> {
  typing: InputTyping;
  /** Whether it may come from the secrets of a workflow alone. */
  isSecret?: true;
  read: (given: GivenInput) => T;
}

/** The rule of an input that has a value when it was not given. */
export interface Optional<T> {
  default?: T;
}
