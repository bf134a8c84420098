/** What an input may be, in the words of action-types.yml (github.com/typesafegithub/github-actions-typing). */
export type InputTyping =
  | { type: 'string' | 'boolean' | 'integer' | 'float' }
  | { type: 'enum'; allowedValues: readonly string[] }
  /** One entry per line. */
  | { type: 'list'; item: InputTyping };

/** Where input strings come from; the empty string when the input was not given. */
export interface InputSource {
  get(name: string): string;
  /** Called with the value of each input that is read as a secret. */
  maskSecret?(value: string): void;
  /** Called with what the user should know of where inputs come from; never with a value. */
  tell?(line: string): void;
  /** Called with what each input may be, for tools that describe an action's inputs. */
  describe?(name: string, typing: InputTyping): void;
}
