import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { planChange, type Files } from '../changed-repository.ts';

// Each test starts a dozen processes, on machines that do other things too.
jest.setTimeout(120_000);

const main = (...imports: readonly string[]): string =>
  `package main\n\nimport (\n${imports.map((each) => `\t_ "${each}"\n`).join('')})\n\nfunc main() {}\n`;
const kit = (...names: readonly string[]): string =>
  names
    .map((name) => `# kit.test/${name} v1.0.0\n## explicit; go 1.25\nkit.test/${name}\n`)
    .join('');

/** Three services with what they import in `vendor`: bell a clock, courier post that needs wire, rope nothing. */
const files: Files = {
  'go.mod':
    'module example.com/m\n\ngo 1.25\n\nrequire (\n\tkit.test/clock v1.0.0\n\tkit.test/post v1.0.0\n\tkit.test/wire v1.0.0\n)\n',
  'vendor/modules.txt': kit('clock', 'post', 'wire'),
  'vendor/kit.test/clock/clock.go': 'package clock\n',
  'vendor/kit.test/clock/clock_plan9.go': 'package clock\n',
  'vendor/kit.test/post/post.go': 'package post\n\nimport _ "kit.test/wire"\n',
  'vendor/kit.test/post/LICENSE': 'Free.\n',
  'vendor/kit.test/wire/wire.go':
    'package wire\n\nimport _ "embed"\n\n//go:embed words/*.md\nvar Words string\n',
  'vendor/kit.test/wire/words/a.md': 'a\n',
  'services/bell/main.go': main('kit.test/clock'),
  'services/courier/main.go': main('kit.test/post'),
  'services/rope/main.go': main(),
  'services/rope/main_test.go': 'package main\n\nimport _ "kit.test/wire"\n',
};
const all = ['bell', 'courier', 'rope'];

describe('a change in vendor', () => {
  let folder: string;
  let number = 0;
  beforeAll(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'slipway-vendored-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each<[string, Files, string[]]>([
    [
      'of a source concerns who imports it',
      { 'vendor/kit.test/clock/clock.go': 'package clock\n\nvar X int\n' },
      ['bell'],
    ],
    [
      'of a source concerns who imports it through others, and whose tests do',
      { 'vendor/kit.test/wire/wire.go': 'package wire\n\nvar X int\n' },
      ['courier', 'rope'],
    ],
    [
      'of a file that a package embeds concerns who imports that',
      { 'vendor/kit.test/wire/words/a.md': 'b\n' },
      ['courier', 'rope'],
    ],
    ['of a licence concerns nobody', { 'vendor/kit.test/post/LICENSE': 'Freer.\n' }, []],
    [
      'of what its list says of a module concerns who links that',
      { 'vendor/modules.txt': kit('clock', 'post', 'wire').replace('go 1.25', 'go 1.26') },
      ['bell'],
    ],
    [
      'that drops a package with its only use concerns who used it',
      {
        'vendor/modules.txt': kit('post', 'wire'),
        'vendor/kit.test/clock': undefined,
        'services/bell/main.go': main(),
      },
      ['bell'],
    ],
    ['that ends vendoring concerns everything', { vendor: undefined }, all],
    [
      'of what its list says of the workspace concerns everything',
      { 'vendor/modules.txt': `## workspace\n${kit('clock', 'post', 'wire')}` },
      all,
    ],
  ])('%s', async (_, edit, names) => {
    number += 1;
    const planned = await planChange({ dir: path.join(folder, String(number)), files, edit });
    expect(planned.names).toEqual(names);
  });
});
