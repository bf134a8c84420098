import { rmSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { dependencyProblems, usedPackages } from '../../check/dependencies.ts';
import { scratchTree } from '../scratch-tree.ts';

const page = `
| what | ours or library | considered |
| --- | --- | --- |
| \`@actions/core\` with \`tunnel\` | library | \`@actions/toolkit\` |
| globs | ours | \`picomatch\` \\| \`minimatch\` |
| \`jest\` | tool | \`vitest\` |
`;
const used = {
  bundled: new Set(['@actions/core']),
  needed: new Set(['@actions/core', 'tunnel', 'left-pad']),
  tools: new Set(['jest']),
};

test('a page that names what is used, and of the rest only what was considered, is right', () => {
  expect(dependencyProblems(page, used)).toEqual([]);
});

test.each([
  [
    { ...used, bundled: new Set([...used.bundled, 'picomatch']) },
    'docs/dependencies.md has no row of kind library for picomatch, which is in a bundle',
  ],
  [
    { ...used, tools: new Set(['jest', 'prettier']) },
    'docs/dependencies.md has no row for the tool prettier',
  ],
  [
    { ...used, needed: new Set(['@actions/core']) },
    'docs/dependencies.md names the library tunnel, which is in no bundle',
  ],
  [
    { ...used, tools: new Set<string>() },
    'docs/dependencies.md names the tool jest, which package.json does not have',
  ],
])('a difference is told: %j', (differing, problem) => {
  expect(dependencyProblems(page, differing)).toEqual([problem]);
});

test('used is what packages and actions declare, and what the licences of bundles name', () => {
  const root = scratchTree({
    'package.json': '{ "devDependencies": { "jest": "1" } }',
    'package-lock.json':
      '{ "packages": { "": {}, "node_modules/tunnel": {}, "node_modules/a/node_modules/undici": { "dependencies": { "busboy": "1" } } } }',
    'packages/http/package.json': '{ "dependencies": { "undici": "6", "@slipway/runtime": "1" } }',
    'actions/tsconfig.json': '{}',
    'actions/deploy/package.json': '{ "dependencies": { "semver": "7" } }',
    'dist/deploy/licenses.txt':
      '@slipway/http\nApache-2.0\n\ntunnel\nMIT\nThe MIT License\n\nCopyright\n\n\nforeign\nwords\n',
  });
  const found = usedPackages(root);
  rmSync(root, { recursive: true });
  expect([...found.bundled].sort()).toEqual(['semver', 'tunnel', 'undici']);
  expect([...found.needed].sort()).toEqual(['busboy', 'semver', 'tunnel', 'undici']);
  expect([...found.tools]).toEqual(['jest']);
});
