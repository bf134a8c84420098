import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { planChange } from './changed-repository.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(path.join(os.tmpdir(), 'slipway-shown-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const files = {
  'go.mod': 'module m\n\ngo 1.26\n',
  'services/a/main.go': 'package main\n\nfunc main() {}\n',
};

test.each([
  ['that turns the direction of text', '\u202Efdp.exe', String.raw`"services/a/\u202Efdp.exe"`],
  ['of two lines', 'x\n::error::y', String.raw`"services/a/x\n::error::y"`],
  ['that cannot be seen', 'x\u200By', String.raw`"services/a/x\u200By"`],
  ['in another script', 'größe 日本.txt', 'services/a/größe 日本.txt'],
])(
  'a file with a name %s says why a service is planned, in one line that can be read',
  async (_, name, shown) => {
    const { because, said } = await planChange({
      dir,
      files,
      edit: { [`services/a/${name}`]: 'x' },
    });
    // Letters of escapes may be of either case.
    expect(because['a']?.toLowerCase()).toBe(shown.toLowerCase());
    expect(said.join('')).not.toMatch(/[\u202e\u200b]/u);
  },
);
