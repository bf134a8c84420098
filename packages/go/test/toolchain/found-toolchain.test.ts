import { afterEach, beforeEach, expect, test } from '@jest/globals';
import * as fs from 'node:fs/promises';
import path from 'node:path';
import { parseGoProxy } from '../../src/toolchain/proxy.ts';
import { closeSite, install, openSite, scratch, serveProxy, tools } from './toolchain-site.ts';

beforeEach(openSite);
afterEach(closeSite);

test('a Go in PATH of the wanted release is used as it is', async () => {
  const root = path.join(scratch, 'sdk');
  await fs.mkdir(path.join(root, 'bin'), { recursive: true });
  await fs.writeFile(path.join(root, 'VERSION'), 'go1.26.8\n');
  await fs.writeFile(path.join(root, 'bin', 'go'), '');
  await fs.symlink(path.join(root, 'bin'), path.join(scratch, 'linked'));
  const ready = await install({ env: { PATH: path.join(scratch, 'linked') } });
  expect(ready).toMatchObject({ how: 'path', root: await fs.realpath(root) });
});

test('a folder in the tool cache that holds another release than its name says is not used', async () => {
  const root = path.join(tools(), 'go', '1.26.8', 'x64');
  await fs.mkdir(path.join(root, 'bin'), { recursive: true });
  await fs.writeFile(path.join(root, 'VERSION'), 'go1.20\n');
  await fs.writeFile(path.join(root, 'bin', 'go'), '');
  await fs.writeFile(`${root}.complete`, '');
  expect((await install({ env: await serveProxy() })).how).toBe('module-proxy');
});

test.each([
  [
    'https://a.example,https://b.example|direct',
    ['https://a.example', 'https://b.example', 'https://go.dev/dl/mod'],
  ],
  ['off', []],
  ['https://a.example/,off,https://b.example', ['https://a.example']],
  ['direct,https://a.example', ['https://go.dev/dl/mod']],
  ['ftp://x,file:///mirror, https://a.example ', ['file:///mirror', 'https://a.example']],
])('GOPROXY=%s means %j', (text, bases) => {
  expect(parseGoProxy(text).map(({ base: one }) => one)).toEqual(bases);
});
