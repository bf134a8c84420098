import { longFunctions, nestedTernaries } from './unfinished.js';

/** Functions fit on a screen, conditions read in one line. */
export const shapeRules = {
  'max-lines-per-function': ['error', { max: 80, skipBlankLines: true, skipComments: true }],
  'no-nested-ternary': 'error',
};

const notYet = (files, rule) => (files.length === 0 ? [] : [{ files, rules: { [rule]: 'off' } }]);

/** The part of eslint's configuration that holds them; tests group theirs in long `describe` functions. */
export const shape = [
  { files: ['**/*.{ts,js,mjs}'], rules: shapeRules },
  { files: ['**/*.test.ts'], rules: { 'max-lines-per-function': 'off' } },
  ...notYet(longFunctions, 'max-lines-per-function'),
  ...notYet(nestedTernaries, 'no-nested-ternary'),
];
