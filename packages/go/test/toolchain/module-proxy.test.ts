import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import * as fs from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { closedPort } from '@slipway/testing';
import { checksumOf, moduleZip } from '../module-zip.ts';
import {
  base,
  closeSite,
  everythingIn,
  expectNothingLeft,
  files,
  infoPath,
  inModule,
  install,
  log,
  moduleVersion,
  onClose,
  openSite,
  requests,
  scratch,
  serveProxy,
  setUp,
  site,
  tools,
  zipPath,
} from './toolchain-site.ts';

beforeEach(openSite);
afterEach(closeSite);

describe('a toolchain from GOPROXY', () => {
  test('is installed when the checksum database vouches for it', async () => {
    const ready = await install({ env: await serveProxy() });
    expect(ready).toMatchObject({ how: 'module-proxy', root: `${tools()}/go/1.26.8/x64` });
    expect(ready.provenance?.proof).toContain(checksumOf(files));
    expect(execFileSync(`${ready.root}/bin/go`).toString()).toContain('go1.26.8');
    expect(await fs.readFile(`${ready.root}/src/go.mod`, 'utf8')).toBe('module std\n');
    const modes = ['pkg/tool/linux_amd64/compile', 'lib/wasm/go_js_wasm_exec', 'VERSION'].map(
      async (file) => (await fs.stat(`${ready.root}/${file}`)).mode & 0o111,
    );
    expect(await Promise.all(modes)).toEqual([0o111, 0o111, 0]);
  });

  test('is taken from the tool cache the second time', async () => {
    const env = await serveProxy();
    await install({ env });
    requests.length = 0;
    expect((await install({ env })).how).toBe('tool-cache');
    expect(requests).toEqual([]);
  });

  test.each([
    ['the first', { fillers: 0, at: 0 }],
    ['the last of a full tile', { fillers: 255, at: 255 }],
    ['the first of a new tile', { fillers: 256, at: 256 }],
    ['one of many tiles', { fillers: 70_000, at: 65_537 }],
  ])('is proven wherever its record is in the tree: %s', async (_, place) => {
    expect((await install({ env: await serveProxy(files, place) })).how).toBe('module-proxy');
  });

  test('is refused, and nothing is left, when one byte of one file is different', async () => {
    const tampered = { ...files, [`${inModule}/bin/go`]: '#!/bin/sh\necho owned\n' };
    await expect(install({ env: await serveProxy(tampered) })).rejects.toThrow(
      /does not have its checksum: expected h1:\S+, got h1:\S+ Nothing was installed/,
    );
    await expectNothingLeft();
  });

  test.each([
    ['is not in the signed tree', { forged: true }, /not in the tree that it signed/],
    [
      'is signed with another key',
      { signingKey: generateKeyPairSync('ed25519').privateKey },
      /not signed by sums\.example\.com/,
    ],
    ['is about another version', { sum: 'h2:other' }, /is about something else/],
  ])('is refused when its record %s', async (_, database, message) => {
    await expect(install({ env: await serveProxy(files, database) })).rejects.toMatchObject({
      message: expect.stringMatching(/does not vouch for golang\.org\/toolchain/),
      cause: { message: expect.stringMatching(message) },
    });
    await expectNothingLeft();
  });

  test.each([
    '../../../evil',
    `${inModule}/../../evil`,
    `${inModule}//evil`,
    `${inModule}/a\\..\\..\\evil`,
    `${inModule}/C:evil`,
    '/etc/evil',
  ])('is refused when its zip names the file %s', async (name) => {
    const env = await serveProxy({ ...files, [name]: 'evil' });
    await expect(install({ env })).rejects.toThrow('cannot be unpacked');
    await expectNothingLeft();
    expect((await everythingIn(scratch)).filter((file) => file.includes('evil'))).toEqual([]);
  });

  test.each([
    ['cut off', (zip: Buffer) => zip.subarray(0, zip.length - 40)],
    ['something else', () => Buffer.from('<html>maintenance</html>')],
    ['empty', () => Buffer.alloc(0)],
  ])('is refused when its zip is %s', async (_, damage) => {
    const env = await serveProxy();
    site[zipPath] = damage(await moduleZip(files));
    await expect(install({ env })).rejects.toThrow('cannot be unpacked');
    await expectNothingLeft();
  });

  test('is fetched on from where a connection was cut', async () => {
    const env = await serveProxy();
    const zip = await moduleZip(files);
    const ranges: (string | undefined)[] = [];
    site[zipPath] = (request, response) => {
      ranges.push(request.headers.range);
      const start = Number(/\d+/.exec(request.headers.range ?? '0')?.[0]);
      const rest = zip.subarray(start);
      response.writeHead(start === 0 ? 200 : 206, { 'content-length': rest.length, etag: '"z"' });
      if (ranges.length > 2) return void response.end(rest);
      response.write(rest.subarray(0, 100));
      return void setTimeout(() => request.socket.destroy(), 20);
    };
    expect((await install({ env })).how).toBe('module-proxy');
    expect(ranges).toEqual([undefined, 'bytes=100-', 'bytes=200-']);
  });

  test('leaves nothing when the job is cancelled in the middle of the download', async () => {
    const env = await serveProxy();
    const cancel = new AbortController();
    site[zipPath] = (_, response) => {
      response.writeHead(200, { 'content-length': 1_000_000 });
      response.write(Buffer.alloc(500_000));
      setTimeout(() => cancel.abort(new Error('cancelled by the user')), 50);
    };
    await expect(install({ env, signal: cancel.signal })).rejects.toThrow('cancelled by the user');
    await expectNothingLeft();
  });

  test('comes from the next proxy only as GOPROXY allows', async () => {
    const env = await serveProxy();
    site['/down/golang.org/toolchain/@v/' + `${moduleVersion}.info`] = (_, response) =>
      response.writeHead(502).end();
    const comma = { ...env, GOPROXY: `${base}/down,${base}` };
    await expect(install({ env: comma })).rejects.toThrow(
      /neither .* nor from GOPROXY: .* status 502/,
    );
    const pipe = { ...env, GOPROXY: `${base}/down|${base}/empty,${base}` };
    expect((await install({ env: pipe })).how).toBe('module-proxy');
  });

  test('that is out of reach, as is go.dev, is told with the ways out', async () => {
    const { port, close } = await closedPort();
    onClose(close);
    const down = `http://127.0.0.1:${port}`;
    await expect(install({ env: { GOPROXY: down } })).rejects.toMatchObject({
      message: `Go 1.26.8 can be had neither from https://go.dev/dl nor from GOPROXY: ${down}/golang.org/toolchain/@v/${moduleVersion}.info could not be reached.`,
      next: expect.stringContaining('HTTPS_PROXY'),
    });
    await expect(setUp('1.26', { env: { GOPROXY: down } })).rejects.toMatchObject({
      message: 'Neither go.dev/dl nor GOPROXY tells which Go releases exist.',
      next: expect.stringContaining('name an exact version'),
    });
    await expectNothingLeft();
  });

  test('that does not exist is told with the nearest ones', async () => {
    site['/golang.org/toolchain/@v/list'] = ['1.25.3', '1.25.4', '1.26.8']
      .map((version) => `v0.0.1-go${version}.linux-amd64\nv0.0.1-go${version}.darwin-arm64\n`)
      .join('');
    await expect(install({ version: '1.25.99' })).rejects.toThrow(
      'There is no Go 1.25.99 for linux/amd64. The nearest ones are 1.26.8, 1.25.4, 1.25.3.',
    );
    await expectNothingLeft();
  });

  test('comes from a folder, for machines without a network', async () => {
    const env = await serveProxy();
    const folder = path.join(scratch, 'proxy', 'golang.org', 'toolchain', '@v');
    await fs.mkdir(folder, { recursive: true });
    await fs.writeFile(path.join(folder, `${moduleVersion}.info`), '{}');
    await fs.writeFile(path.join(folder, `${moduleVersion}.zip`), await moduleZip(files));
    const local = pathToFileURL(path.join(scratch, 'proxy')).href;
    const proxies = { ...env, GOPROXY: `${local},${base}` };
    expect((await install({ env: proxies })).provenance?.from).toContain('file://');
  });

  test('comes from what go env -w names where the variables are empty, as for the go command', async () => {
    const settings = { ...(await serveProxy()), GOPROXY: base };
    const ready = await install({ env: { GOPROXY: '', GOSUMDB: '' }, settings });
    expect(ready.how).toBe('module-proxy');
  });

  test('is refused when GOSUMDB is off: nothing could vouch for it', async () => {
    await serveProxy();
    await expect(install({ env: { GOSUMDB: 'off' } })).rejects.toThrow('GOSUMDB is off');
    await expectNothingLeft();
  });

  test('sends the password of a proxy to that proxy and tells nobody', async () => {
    const env = await serveProxy();
    const info = site[infoPath];
    let authorization: string | undefined;
    site[infoPath] = (request, response) => {
      authorization = request.headers.authorization;
      response.writeHead(200).end(info);
    };
    log.lines.length = 0;
    const ready = await install({
      env: { ...env, GOPROXY: base.replace('http://', 'http://bot:hunter2@') },
    });
    expect(authorization).toBe(`Basic ${Buffer.from('bot:hunter2').toString('base64')}`);
    expect(log.text() + JSON.stringify(ready)).not.toContain('hunter2');
  });
});
