import { rmSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { bundledPackages } from '../../bundle/bundled-packages.ts';
import { lackingLicences } from '../../bundle/licences.ts';
import { scratchTree } from '../scratch-tree.ts';

// As ncc 0.45 writes it.
const text = `@actions/core
MIT
The MIT License (MIT)

Copyright 2019 GitHub

@slipway/runtime
Apache-2.0

nameless
MIT

semver
ISC
The ISC License

Copyright (c) Isaac Z. Schlueter and Contributors
`;

test('a package whose licence text is there lacks nothing, wherever it stands', () => {
  expect(lackingLicences(text, ['@actions/core', 'semver'])).toEqual([]);
});

test.each([
  ['is not listed', 'undici'],
  ['is listed with the name of its licence alone', 'nameless'],
  ['is only mentioned within another licence', 'ISC'],
])('a package that %s is told', (_, name) => {
  expect(lackingLicences(text, ['@actions/core', name, 'semver'])).toEqual([name]);
});

test('packages in a bundle are those of its modules, not the loaders that read them', () => {
  const statsFile = {
    modules: [
      {
        identifier:
          'javascript/esm|/w/node_modules/@vercel/ncc/dist/ncc/loaders/relocate.js!/w/node_modules/@actions/core/lib/core.js',
        modules: [{ identifier: '/w/node_modules/a/node_modules/semver/index.js' }],
      },
      { identifier: 'C:\\w\\node_modules\\undici\\index.js' },
      { identifier: '/w/packages/kube/src/index.ts' },
      { identifier: '/w/node_modules/@slipway/kube/src/index.ts' },
      { identifier: 'external node:fs' },
    ],
  };
  const folder = scratchTree({ 'stats.json': JSON.stringify(statsFile) });
  const found = bundledPackages(path.join(folder, 'stats.json'));
  rmSync(folder, { recursive: true });
  expect(found).toEqual(['@actions/core', 'semver', 'undici']);
});
