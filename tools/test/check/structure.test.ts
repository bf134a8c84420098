import { rmSync } from 'node:fs';
import { afterEach, expect, test } from '@jest/globals';
import { structureProblems, type Structure } from '../../check/structure.ts';
import { scratchTree } from '../scratch-tree.ts';

const trees: string[] = [];
afterEach(() => {
  for (const tree of trees.splice(0)) rmSync(tree, { recursive: true, force: true });
});

const manifest = (...needs: readonly string[]): string =>
  JSON.stringify({ dependencies: Object.fromEntries(needs.map((name) => [name, '1.0.0'])) });

/** A package `ship` over `hull`; its folder `deck` may import its folder `mast`. */
const sound: Readonly<Record<string, string>> = {
  'packages/hull/package.json': manifest(),
  'packages/hull/src/index.ts': 'export const hull = 1;',
  'packages/ship/package.json': manifest('@slipway/hull', 'semver'),
  'packages/ship/src/index.ts': "export { sail } from './sail.ts';",
  'packages/ship/src/sail.ts': "import { deck } from './deck/index.ts';\nexport const sail = deck;",
  'packages/ship/src/deck/index.ts': "export { deck } from './deck.ts';",
  'packages/ship/src/deck/deck.ts':
    "import { mast } from '../mast/index.ts';\nexport const deck = mast;",
  'packages/ship/src/mast/index.ts': "export { mast } from './mast.ts';",
  'packages/ship/src/mast/mast.ts':
    "import { hull } from '@slipway/hull';\nimport semver from 'semver';\nexport const mast = [hull, semver];",
  'packages/ship/test/mast.test.ts': "import { mast } from '../src/mast/mast.ts';\nvoid mast;",
};

function problems(
  changes: Readonly<Record<string, string>>,
  structure: Partial<Structure> = {},
): readonly string[] {
  const root = scratchTree({ ...sound, ...changes });
  trees.push(root);
  return structureProblems({
    root,
    layers: { hull: [], ship: ['hull'] },
    folders: { ship: { mast: [], deck: ['mast'] } },
    ...structure,
  });
}

test('a sound tree has no problem; tests may enter a folder anywhere', () => {
  expect(problems({})).toEqual([]);
});

test.each<[string, Record<string, string>, string]>([
  [
    'a package that depends on one that its layer does not allow',
    { 'packages/hull/package.json': manifest('@slipway/ship') },
    'packages/hull may not depend on @slipway/ship (tools/layers.js)',
  ],
  [
    'a package without a layer',
    { 'packages/raft/package.json': manifest() },
    'packages/raft has no entry in tools/layers.js',
  ],
  [
    'an import that goes past the index of a folder',
    { 'packages/ship/src/deck/rail.ts': "export { mast } from '../mast/mast.ts';" },
    'packages/ship/src/deck/rail.ts imports packages/ship/src/mast/mast.ts: enter mast/ through its index.ts',
  ],
  [
    'the same from a file directly in src',
    { 'packages/ship/src/rail.ts': "export { mast } from './mast/mast.ts';" },
    'packages/ship/src/rail.ts imports packages/ship/src/mast/mast.ts: enter mast/ through its index.ts',
  ],
  [
    'a folder that imports one that its row does not allow',
    { 'packages/ship/src/mast/flag.ts': "import '../deck/index.ts';" },
    'packages/ship/src/mast/flag.ts imports packages/ship/src/deck/index.ts: mast/ may not import deck/ (folders in tools/layers.js)',
  ],
  [
    'a folder that imports a file directly in src',
    {
      'packages/ship/src/mast/flag.ts':
        "import type { sail } from '../sail.ts';\nexport type Flag = typeof sail;",
    },
    'packages/ship/src/mast/flag.ts imports packages/ship/src/sail.ts: a folder imports no file directly in src',
  ],
  [
    'a folder that the table does not know',
    { 'packages/ship/src/keel/index.ts': '' },
    'packages/ship/src/keel has no entry in folders of tools/layers.js',
  ],
  [
    'files that import each other, be it for a type alone',
    {
      'tools/one.ts': "import type { two } from './two.ts';\nexport type One = typeof two;",
      'tools/two.ts': "export const two = () => import('./one.ts');",
    },
    'these files import each other: tools/one.ts, tools/two.ts',
  ],
  [
    'a folder of more than twenty files',
    Object.fromEntries(Array.from({ length: 21 }, (_, index) => [`test/lab/part-${index}.ts`, ''])),
    'test/lab holds 21 files, more than 20: a prefix that repeats is a folder',
  ],
  [
    'a name that two files share',
    { 'packages/hull/src/mast.ts': '' },
    'mast is the name of packages/hull/src/mast.ts and packages/ship/src/mast/mast.ts: rename one',
  ],
])('%s is told', (_, changes, expected) => {
  expect(problems(changes)).toEqual([expected]);
});

test('folders of fixtures may hold more than twenty files', () => {
  const fixtures = Array.from({ length: 21 }, (_, index) => [`test/fixtures/${index}.ts`, '']);
  expect(problems(Object.fromEntries(fixtures) as Record<string, string>)).toEqual([]);
});

test('every action may have the files that each of them has', () => {
  const names = ['index', 'inputs', 'main', 'ports', 'post', 'saved-state', 'summary'];
  const files = names.flatMap((name) => [`actions/a/src/${name}.ts`, `actions/b/src/${name}.ts`]);
  expect(problems(Object.fromEntries(files.map((file) => [file, ''])))).toEqual([]);
});

test('a table with a circle is told, of packages and of folders, and so is a row without a folder', () => {
  const found = problems(
    {},
    {
      layers: { hull: ['ship'], ship: ['hull'] },
      folders: { ship: { mast: ['deck'], deck: ['mast'], keel: [] } },
    },
  );
  expect(found).toEqual([
    'tools/layers.js has a circle: hull, ship',
    'tools/layers.js has a circle in ship: deck, mast',
    'tools/layers.js names packages/ship/src/keel, which is not there',
  ]);
});
