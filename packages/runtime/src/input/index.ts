export type { InputReader } from './input-reader.ts';
export type { GivenInput, InputKind } from './kind.ts';
export { readInputs } from './read-inputs.ts';
export type { SettingsRule } from './settings.ts';
export type { InputSource, InputTyping } from './source.ts';
export { confine, confineReal } from './workspace-path.ts';
