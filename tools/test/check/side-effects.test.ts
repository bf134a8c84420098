import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { root } from '../../manifest.ts';

const packages = readdirSync(path.join(root, 'packages'));

test.each(packages)(
  'packages/%s says that importing it does nothing, so that bundles leave out what they do not use',
  (name) => {
    const file = path.join(root, 'packages', name, 'package.json');
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ sideEffects: false });
  },
);
