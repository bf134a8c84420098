import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import * as fs from 'node:fs/promises';
import { createServer } from 'node:http';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { listenOnAnyPort } from '@slipway/testing';
import type { ToolchainSources } from '../../src/toolchain/index.ts';
import {
  base,
  closeSite,
  everythingIn,
  files,
  goArchive,
  inModule,
  install,
  log,
  onClose,
  openSite,
  requests,
  scratch,
  setUp,
  site,
  tools,
  type Handler,
} from './toolchain-site.ts';

beforeEach(openSite);
afterEach(closeSite);

describe('a toolchain from a download site', () => {
  const archive = (): Promise<Buffer> =>
    goArchive(
      Object.fromEntries(
        Object.entries(files).map(([name, text]) => [
          name.replace(`${inModule}/`, '').replace('_go.mod', 'go.mod'),
          text,
        ]),
      ),
    );
  const filename = 'go1.26.8.linux-amd64.tar.gz';
  const sum = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
  const index = (sha256: string): string =>
    JSON.stringify([
      {
        version: 'go1.26.8',
        stable: true,
        files: [{ filename, os: 'linux', arch: 'amd64', kind: 'archive', sha256 }],
      },
    ]);
  const sources = (): Partial<ToolchainSources> => ({ downloadBase: `${base}/dl` });

  test('is checked against the index of the site', async () => {
    const bytes = await archive();
    site['/dl/?mode=json&include=all'] = index(sum(bytes));
    site[`/dl/${filename}`] = bytes;
    const ready = await install({ sources: sources() });
    expect(ready.how).toBe('download-site');
    expect(ready.root).toMatch(/tools\/go-[0-9a-f]{8}\/1\.26\.8\/x64$/);
    expect(execFileSync(`${ready.root}/bin/go`).toString()).toContain('go1.26.8');
  });

  test('is checked against a .sha256 file where there is no index', async () => {
    const bytes = await archive();
    site[`/dl/${filename}.sha256`] = `${sum(bytes)}  ${filename}\n`;
    site[`/dl/${filename}`] = bytes;
    expect((await install({ sources: sources() })).how).toBe('download-site');
  });

  test('is refused, and nothing is left, when its checksum differs', async () => {
    site['/dl/?mode=json&include=all'] = index('0'.repeat(64));
    site[`/dl/${filename}`] = await archive();
    await expect(install({ sources: sources() })).rejects.toThrow('does not have its checksum');
    expect((await everythingIn(tools())).filter((name) => name.includes('1.26.8'))).toEqual([]);
  });

  test('is refused without being downloaded when the site has no checksum for it', async () => {
    site[`/dl/${filename}`] = await archive();
    await expect(install({ sources: sources() })).rejects.toThrow('gives no checksum');
    expect(requests).not.toContain(`/dl/${filename}`);
  });

  test('that does not exist is told with the nearest ones', async () => {
    site['/dl/?mode=json&include=all'] = index('0'.repeat(64));
    await expect(install({ sources: sources(), version: '1.26.99' })).rejects.toThrow(
      `There is no Go 1.26.99 for linux/amd64 at ${base}/dl. The nearest ones are 1.26.8.`,
    );
  });

  test('is chosen by 1.26 where the site copies archives and tells nothing', async () => {
    const plain = await goArchive({ VERSION: 'go1.20\n', 'bin/go': '#!/bin/sh\n' });
    site['/dl/go1.20.linux-amd64.tar.gz'] = plain;
    site['/dl/go1.20.linux-amd64.tar.gz.sha256'] = sum(plain);
    expect((await setUp('1.20', { sources: sources() })).root).toMatch(/\/1\.20\.0\/x64$/);
    await expect(setUp('^1.21', { sources: sources() })).rejects.toThrow(
      `${base}/dl does not tell which Go releases it has, so ^1.21 cannot be looked up there.`,
    );
  });
});

describe('a bucket whose list is not public, which answers 403 to what it lacks', () => {
  const name = 'go1.20.linux-amd64.tar.gz';
  const forbidden: Handler = (_, response) => void response.writeHead(403).end();
  const sources = (): Partial<ToolchainSources> => ({ downloadBase: `${base}/dl` });

  /** Only Go's own index knows the checksum. */
  function serve(archive: Buffer): typeof fetch {
    for (const lacking of [
      '/dl/?mode=json&include=all',
      '/dl/go1.20.assets.json',
      `/dl/${name}.sha256`,
    ])
      site[lacking] = forbidden;
    const sha256 = createHash('sha256').update(archive).digest('hex');
    const file = { filename: name, os: 'linux', arch: 'amd64', kind: 'archive', sha256 };
    const index = [{ version: 'go1.20', stable: true, files: [file] }];
    return () => Promise.resolve(new Response(JSON.stringify(index)));
  }

  test('serves the release that Go vouches for', async () => {
    const archive = await goArchive({ VERSION: 'go1.20\n', 'bin/go': '#!/bin/sh\n' });
    site[`/dl/${name}`] = archive;
    const goDev = serve(archive);
    expect((await setUp('1.20', { sources: sources(), goDev })).how).toBe('download-site');
  });

  test('is said to refuse one whose archive it does not give either, or that nobody vouches for', async () => {
    site[`/dl/${name}`] = forbidden;
    const goDev = serve(Buffer.from('archive'));
    const refused = {
      message: expect.stringMatching(/answered with status 403/),
      next: expect.stringContaining('as the input token'),
    };
    await expect(setUp('1.20', { sources: sources(), goDev })).rejects.toMatchObject(refused);
    await expect(setUp('1.20', { sources: sources() })).rejects.toMatchObject(refused);
    await expect(setUp('^1.20', { sources: sources(), goDev })).rejects.toMatchObject(refused);
  });
});

test('a folder of archives alone serves as a download site', async () => {
  const folder = path.join(scratch, 'mirror');
  await fs.mkdir(folder);
  const archive = await goArchive({ VERSION: 'go1.20\n', 'bin/go': '#!/bin/sh\n' });
  const file = path.join(folder, 'go1.20.linux-amd64.tar.gz');
  await fs.writeFile(file, archive);
  await fs.writeFile(`${file}.sha256`, createHash('sha256').update(archive).digest('hex'));
  const sources = { downloadBase: pathToFileURL(folder).href };
  expect((await setUp('1.20', { sources })).how).toBe('download-site');
});

describe('a download site that asks who one is', () => {
  const token = 'mirror-token-0123456789';
  const filename = 'go1.26.8.linux-amd64.tar.gz';
  const asked: (string | undefined)[] = [];
  let elsewhere: (string | undefined)[];

  /** Serves only those with the token; the archive itself lies behind a redirect. */
  async function serve(): Promise<Partial<ToolchainSources>> {
    asked.length = 0;
    elsewhere = [];
    const bytes = await goArchive({ VERSION: 'go1.26.8\n', 'bin/go': '#!/bin/sh\n' });
    const storage = createServer((request, response) => {
      elsewhere.push(request.headers.authorization);
      response.end(bytes);
    });
    const port = await listenOnAnyPort(storage);
    onClose(() => storage.close());
    const guarded =
      (answer: Handler): Handler =>
      (request, response) => {
        asked.push(request.headers.authorization);
        if (request.headers.authorization === `token ${token}`) answer(request, response);
        else response.writeHead(401).end();
      };
    site['/dl/?mode=json&include=all'] = guarded((_, response) => response.writeHead(404).end());
    site[`/dl/${filename}.sha256`] = guarded((_, response) =>
      response.end(createHash('sha256').update(bytes).digest('hex')),
    );
    site[`/dl/${filename}`] = guarded((_, response) =>
      response.writeHead(302, { location: `http://127.0.0.1:${port}/storage` }).end(),
    );
    return { downloadBase: `${base}/dl` };
  }

  test('gets the token, and nobody that it leads to does', async () => {
    const sources = { ...(await serve()), downloadToken: token };
    expect((await install({ sources })).how).toBe('download-site');
    expect(new Set(asked)).toEqual(new Set([`token ${token}`]));
    expect(elsewhere).toEqual([undefined]);
  });

  test.each([undefined, 'another-token-altogether'])(
    'refuses the token %j, which no message shows',
    async (downloadToken) => {
      const sources = await serve();
      log.lines.length = 0;
      const error = await install({
        sources: { ...sources, ...(downloadToken === undefined ? {} : { downloadToken }) },
      }).catch((thrown: unknown) => thrown as Error);
      expect(error).toMatchObject({
        message: expect.stringMatching(/answered with status 401/),
        next: expect.stringContaining('as the input token'),
      });
      expect(JSON.stringify([error, log.lines])).not.toContain('another-token');
    },
  );
});
