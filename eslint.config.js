import eslint from '@eslint/js';
import jest from 'eslint-plugin-jest';
import tseslint from 'typescript-eslint';
import { layers, soleImporters } from './tools/layers.js';

const restricted = (paths, group, message) => ({
  'no-restricted-imports': ['error', { paths, patterns: [{ group, message }] }],
});

const solePaths = (layer) =>
  Object.entries(soleImporters)
    .filter(([, owner]) => owner !== layer)
    .map(([name, owner]) => ({ name, message: `Only packages/${owner} imports ${name}.` }));

const plainSyntax = [
  { selector: 'TSEnumDeclaration', message: 'Use a union of string literals.' },
  { selector: 'ExportDefaultDeclaration', message: 'Export by name.' },
];

/** What tests may do, and what is shipped may not. */
const productSyntax = [
  {
    selector: "SpreadElement[argument.name='inputs']",
    message: 'Hand on what is needed, field by field: the inputs hold secrets.',
  },
  {
    selector: 'SpreadElement > :matches(ObjectExpression, ArrayExpression).argument',
    message: 'Write the fields themselves; a spread that only joins lines hides them.',
  },
];
const pastTheClock = {
  selector: [
    'CallExpression[callee.name=/^set(Timeout|Interval)$/]',
    "MemberExpression[object.name=/^(Date|performance)$/][property.name='now']",
    "MemberExpression[object.name='AbortSignal'][property.name='timeout']",
    "NewExpression[callee.name='Date'][arguments.length=0]",
    'ImportDeclaration[source.value=/^(node:)?timers/]',
  ].join(', '),
  message: 'Time and timers come from the port Clock (packages/runtime/src/port/clock.ts).',
};

/** What `"sideEffects": false` in a package's manifest promises; bundles leave out what nothing uses. */
const importsDoNothing = {
  selector: 'Program > ExpressionStatement',
  message: 'Nothing happens when a package is imported; do it in a function.',
};

// Of several rows that fit a file, eslint takes a rule from the last alone.
const packageSyntax = [...plainSyntax, ...productSyntax, importsDoNothing];

export default tseslint.config(
  { ignores: ['dist/', 'node_modules/', '.cache/', '.out/', 'test/fixtures/shop/'] },
  eslint.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      '@typescript-eslint/no-confusing-void-expression': 'off',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/dot-notation': 'off',
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', ignoreRestSiblings: true },
      ],
      'no-control-regex': 'off',
      'no-restricted-syntax': ['error', ...plainSyntax],
    },
  },
  {
    files: ['actions/*/src/**/*.ts'],
    rules: { 'no-restricted-syntax': ['error', ...plainSyntax, ...productSyntax, pastTheClock] },
  },
  {
    files: ['packages/*/src/**/*.ts'],
    rules: { 'no-restricted-syntax': ['error', ...packageSyntax, pastTheClock] },
  },
  {
    // What makes clocks, and the harness that times real processes.
    files: ['packages/runtime/src/time/system-clock.ts', 'packages/testing/src/**/*.ts'],
    rules: { 'no-restricted-syntax': ['error', ...packageSyntax] },
  },
  {
    // Functions fit on a screen, conditions read in one line; tests group theirs in long `describe` functions.
    files: ['**/*.{ts,js,mjs}'],
    rules: {
      'max-lines-per-function': ['error', { max: 80, skipBlankLines: true, skipComments: true }],
      'no-nested-ternary': 'error',
    },
  },
  { files: ['**/*.test.ts'], rules: { 'max-lines-per-function': 'off' } },
  {
    files: ['**/*.{js,mjs}'],
    languageOptions: { globals: { process: 'readonly', console: 'readonly', URL: 'readonly' } },
  },
  ...Object.entries(layers).map(([layer, allowed]) => ({
    files: [`packages/${layer}/src/**/*.ts`],
    rules: restricted(
      solePaths(layer),
      ['@slipway/*', ...allowed.map((name) => `!@slipway/${name}`)],
      `packages/${layer} may import only: ${allowed.join(', ') || 'no other package'}.`,
    ),
  })),
  {
    files: ['actions/*/src/**/*.ts'],
    rules: restricted(
      solePaths('actions'),
      ['@slipway/testing', '@slipway/action-*'],
      'An action is made of packages, never of test code or of another action.',
    ),
  },
  {
    files: ['**/*.test.ts'],
    ...jest.configs['flat/recommended'],
    rules: {
      ...jest.configs['flat/recommended'].rules,
      'jest/no-disabled-tests': 'error',
      'jest/expect-expect': ['error', { assertFunctionNames: ['expect*'] }],
    },
  },
);
