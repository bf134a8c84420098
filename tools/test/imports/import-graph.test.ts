import { expect, test } from '@jest/globals';
import { circles } from '../../imports/circles.ts';
import { importsOf } from '../../imports/import-graph.ts';

test.each([
  ["import { a } from './a.ts';", 'packages/x/src/a.ts'],
  ["import type { a } from '../../y/src/a.ts';", 'packages/y/src/a.ts'],
  ["export * from './in/a.ts';", 'packages/x/src/in/a.ts'],
  ["const a = await import('../a.ts');", 'packages/x/a.ts'],
  ["import '@slipway/kube';", 'packages/kube/src/index.ts'],
  ["import '@slipway/action-verify-health';", 'actions/verify-health/src/index.ts'],
])('%s leads to %s', (text, expected) => {
  expect(importsOf('packages/x/src/file.ts', text)).toEqual([expected]);
});

test('packages from elsewhere and text that only looks like an import lead nowhere', () => {
  const text =
    "import 'semver';\nimport fs from 'node:fs';\nconst a = `import './b.ts'`; // import './c.ts'";
  expect(importsOf('packages/x/src/file.ts', text)).toEqual([]);
});

test('circles are found apart from each other and from what only leads to them', () => {
  const graph = {
    in: ['a'],
    a: ['b'],
    b: ['c', 'out'],
    c: ['a'],
    out: [],
    self: ['self'],
    d: ['e'],
    e: ['d'],
  };
  expect(circles(new Map(Object.entries(graph)))).toEqual([['a', 'b', 'c'], ['self'], ['d', 'e']]);
});
