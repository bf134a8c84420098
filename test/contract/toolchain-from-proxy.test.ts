import * as fs from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { runBundle, type BundleOptions } from '@slipway/testing';
import { checksumDatabase } from '../../packages/go/test/checksum-database-stand-in.ts';
import { checksumOf, moduleZip } from '../../packages/go/test/module-zip.ts';
import { ensureBundles } from '../../tools/bundle/fresh-bundles.ts';

jest.setTimeout(180_000);

let scratch: string;
let workspace: string;

beforeAll(() => ensureBundles(['setup-go-cached']));
beforeEach(async () => {
  scratch = await fs.mkdtemp(path.join(tmpdir(), 'slipway-setup-go-'));
  workspace = path.join(scratch, 'workspace');
  await fs.mkdir(workspace);
});
afterEach(() => fs.rm(scratch, { recursive: true, force: true }));

describe('installing from GOPROXY', () => {
  const version = 'v0.0.1-go1.21.3.linux-amd64';
  const prefix = `golang.org/toolchain@${version}`;
  const files = {
    [`${prefix}/VERSION`]: 'go1.21.3\n',
    [`${prefix}/bin/go`]: '#!/bin/sh\necho GOVERSION=go1.21.3\n',
  };
  const served = `/golang.org/toolchain/@v/${version}`;
  let server: Server;
  let common: BundleOptions;

  async function serve(zip: Buffer | 'half'): Promise<void> {
    const sums = checksumDatabase({
      ...{ name: 'sums.example.com', module: 'golang.org/toolchain', version },
      ...{ sum: checksumOf(files), fillers: 300, at: 200 },
    });
    server = createServer((request, response) => {
      const target = decodeURI(request.url ?? '');
      const sumPath = '/sumdb/sums.example.com/';
      if (target === `${served}.info`) response.end('{}');
      else if (target !== `${served}.zip`) {
        const body = target.startsWith(sumPath)
          ? sums.read(target.slice(sumPath.length))
          : undefined;
        response.writeHead(body === undefined ? 404 : 200).end(body);
      } else if (zip === 'half') {
        response.writeHead(200, { 'content-length': 1_000_000 });
        response.write(Buffer.alloc(500_000));
      } else response.end(zip);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    common = {
      action: 'setup-go-cached',
      scratch,
      workspace,
      timeoutMs: 120_000,
      env: {
        ...{ GOPROXY: `http://127.0.0.1:${port}`, GOSUMDB: sums.verifierKey },
        // Nothing may leave loopback: go.dev is behind a proxy that is not there.
        ...{ https_proxy: 'http://127.0.0.1:9' },
      },
      inputs: { 'go-version': '1.21.3', architecture: 'amd64', cache: 'false' },
    };
  }

  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  const installed = async (): Promise<string[]> =>
    (await fs.readdir(path.join(scratch, 'tools'), { recursive: true })).filter(
      (name) => name !== 'go',
    );

  test('takes a toolchain that the checksum database vouches for', async () => {
    await serve(await moduleZip(files));
    const main = await runBundle(common);
    expect(main.exitCode).toBe(0);
    expect(main.outputs).toMatchObject({ 'go-version': '1.21.3' });
    expect(main.summary).toContain('proven by sums.example.com');
    expect(main.path[0]).toBe(path.join(scratch, 'tools', 'go', '1.21.3', 'x64', 'bin'));
  });

  test('refuses one that was tampered with, names the cause and leaves nothing', async () => {
    await serve(await moduleZip({ ...files, [`${prefix}/bin/go`]: '#!/bin/sh\necho owned\n' }));
    const main = await runBundle(common);
    expect(main.exitCode).toBe(1);
    expect(main.annotations[0]?.message).toContain('does not have its checksum');
    expect(main.summary).toContain('does not have its checksum');
    expect(await installed()).toEqual([]);
  });

  test('leaves no half toolchain when the job is cancelled in the middle', async () => {
    await serve('half');
    const main = await runBundle({
      ...common,
      signals: [{ signal: 'SIGINT', afterLine: 'Downloading' }],
    });
    expect(main.exitCode).toBe(130);
    expect(await installed()).toEqual([]);
  });
});
