import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { givenFiles } from '../src/index.ts';

let above: string;
let root: string;
beforeEach(() => {
  above = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'slipway-given-')));
  root = path.join(above, 'workspace');
  mkdirSync(path.join(above, 'secret'));
  writeFileSync(path.join(above, 'secret', 'token'), 'secret');
  for (const file of [
    'services/api/docs/api.1',
    'services/api/docs/api.5',
    'services/api/completions/bash/api',
    'services/api/config.prod.yml',
    'services/api/install.sh',
    'services/api/.git/config',
    'services/api/web/index.html',
    'services/api/web/.well-known/acme',
    'services/api/web/sub/.htaccess',
    'services/api/web/sub/node_modules/x/index.js',
    'services/shared/note',
    'legal/NOTICE',
  ]) {
    mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    writeFileSync(path.join(root, file), file);
  }
  chmodSync(path.join(root, 'services/api/install.sh'), 0o700);
  symlinkSync('/etc', path.join(root, 'services/api/out'));
});
afterEach(() => rmSync(above, { recursive: true, force: true }));

async function placed(...lines: string[]): Promise<string[]> {
  const placements = lines.map((line) => {
    const [glob = '', place] = line.split('=');
    return { glob, place };
  });
  const search = { folder: path.join(root, 'services/api'), root };
  const entries = await givenFiles(placements, search, 'archive-files');
  return entries.map((each) => each.path).sort();
}

describe('files that are asked for', () => {
  test.each([
    ['docs/*.1', ['docs/api.1']],
    ['docs', ['docs/api.1', 'docs/api.5']],
    ['docs/*=man/', ['man/api.1', 'man/api.5']],
    ['completions=share/', ['share/bash/api']],
    ['completions/**/api=share/', ['share/bash/api']],
    ['config.prod.yml=config.yml', ['config.yml']],
    ['config.prod.yml=etc/', ['etc/config.prod.yml']],
    ['../../legal/NOTICE', ['legal/NOTICE']],
    ['*.{sh,yml}', ['config.prod.yml', 'install.sh']],
    ['web', ['web/.well-known/acme', 'web/index.html', 'web/sub/.htaccess']],
    ['web/**=www/', ['www/.well-known/acme', 'www/index.html', 'www/sub/.htaccess']],
    ['web/*', ['web/index.html', 'web/sub/.htaccess']],
    ['{docs,../shared}/*', ['docs/api.1', 'docs/api.5', 'services/shared/note']],
  ])('as %s are %j', async (line, expected) => {
    expect(await placed(line)).toEqual(expected);
  });

  test("stay executable, and are nobody else's", async () => {
    const search = { folder: path.join(root, 'services/api'), root };
    const given = [
      { glob: 'install.sh', place: undefined },
      { glob: 'config.prod.yml', place: undefined },
    ];
    const entries = await givenFiles(given, search, 'archive-files');
    expect(entries.map(({ mode, owner }) => [mode, owner])).toEqual([
      [0o755, undefined],
      [0o644, undefined],
    ]);
  });

  test('are all those of the folder itself, but not what nobody means', async () => {
    const all = await placed('.');
    expect(all).toContain('web/.well-known/acme');
    expect(all.filter((file) => /\.git|node_modules|^out/.test(file))).toEqual([]);
    const search = { folder: root, root };
    const entries = await givenFiles([{ glob: '.', place: undefined }], search, 'archive-files');
    expect(entries.map((each) => each.path)).toContain('legal/NOTICE');
  });

  test('may be named twice', async () => {
    expect(await placed('docs/*', 'docs/api.1')).toEqual(['docs/api.1', 'docs/api.5']);
  });

  test.each([
    ['missing/*', /archive-files: "missing\/\*" names no file below .*services/],
    ['../../../etc/passwd', /leads out of the workspace/],
    ['../../{legal,../secret}/*', /archive-files: ".*\{legal.*\/\*" leads out of the workspace/],
    ['../../{.,..}/secret', /leads out of the workspace/],
    ['../../[.][.]/secret/*', /leads out of the workspace/],
    ['{docs,../shared}/*=x/', /finds .*note, which is not in the folder in front of its first/],
    ['.git/config', /names no file/],
    ['out/passwd', /names no file/],
    ['out', /names no file/],
    ['o*/**', /names no file/],
  ])('are not found as %s', async (line, message) => {
    await expect(placed(line)).rejects.toThrow(message);
  });

  test('are refused when two would be one', async () => {
    await expect(placed('docs/*.1=x', 'config.prod.yml=x/api.1')).rejects.toThrow(
      /both .*docs.api\.1 and .*config\.prod\.yml would be "x\/api\.1"/,
    );
  });
});
