export { InputReader, type InputSource } from './input-reader.ts';
export { readInputs } from './read-inputs.ts';
export { confine, confineReal } from './workspace-path.ts';
