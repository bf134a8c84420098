import { createHash } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { goName } from '../../src/version/index.ts';
import type { ToolchainSources } from '../../src/toolchain/index.ts';
import {
  answerTheRest,
  base,
  closeSite,
  goArchive,
  openSite,
  requests,
  setUp,
  site,
} from './toolchain-site.ts';

beforeEach(openSite);
afterEach(closeSite);

const sources = (): Partial<ToolchainSources> => ({ downloadBase: `${base}/release/latest` });

/**
 * Publishes a build as Microsoft does: archive, `.sha256` in sha256sum's form and manifest, each also under the names
 * that float. The VERSION file is Go's own; the revision stands in a file beside it.
 */
async function publish(version: string, revision: number, ...floating: string[]): Promise<void> {
  const bytes = await goArchive({
    VERSION: `go${version}\ntime 2026-09-01T00:00:00Z\n`,
    MICROSOFT_REVISION: `${revision}\n`,
    'bin/go': `#!/bin/sh\necho go version go${version} linux/amd64\n`,
  });
  const full = `${version}-${revision}`;
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const storage = 'https://download.example.com/golang';
  const manifest = {
    branch: 'release-branch',
    version: full,
    arches: [
      { sha256: '0'.repeat(64), url: `${storage}/go${full}.src.tar.gz` },
      {
        env: { GOARCH: 'amd64', GOOS: 'linux' },
        sha256,
        supported: true,
        url: `${storage}/go${full}.linux-amd64.tar.gz`,
      },
    ],
    goSrcURL: `${storage}/go${full}.src.tar.gz`,
  };
  for (const name of [full, version, ...floating]) {
    const archive = `/release/latest/go${name}.linux-amd64.tar.gz`;
    site[archive] = bytes;
    site[`${archive}.sha256`] = `${sha256}  go${full}.linux-amd64.tar.gz\n`;
    site[`/release/latest/go${name}.assets.json`] = JSON.stringify(manifest);
  }
}

beforeEach(async () => {
  // What does not exist leads to a search engine, whose page is no error.
  answerTheRest(() => Buffer.from('<!doctype html><title>Search</title>'));
  await publish('1.24.12', 2, '1.24');
  await publish('1.25.8', 1);
  await publish('1.25.9', 1, '1.25');
});

test.each([
  ['1.25', '1.25.9-1'],
  ['1.24', '1.24.12-2'],
  ['1.25.x', '1.25.9-1'],
  ['~1.24.3', '1.24.12-2'],
  ['^1.24', '1.25.9-1'],
  ['>=1.24 <1.25', '1.24.12-2'],
  ['stable', '1.25.9-1'],
  ['oldstable', '1.24.12-2'],
  ['1.25.9-1', '1.25.9-1'],
  ['1.25.8-1', '1.25.8-1'],
  ['1.25.9', '1.25.9'],
])('%s of the Microsoft build of Go is set up once, as %s', async (wanted, folder) => {
  const first = await setUp(wanted, { sources: sources() });
  expect(first).toMatchObject({
    how: 'download-site',
    root: expect.stringMatching(new RegExp(`/tools/go-[0-9a-f]{8}/${folder}/x64$`)),
  });
  expect(goName(first.version)).toBe(folder.replace(/-\d+$/, ''));
  if (wanted.endsWith('stable')) return;
  requests.length = 0;
  const second = await setUp(wanted, { sources: sources() });
  expect([second.how, second.root, requests]).toEqual(['tool-cache', first.root, []]);
});

test('check-latest asks for a newer one of a range', async () => {
  await setUp('1.25', { sources: sources() });
  await publish('1.25.10', 1, '1.25');
  expect((await setUp('1.25', { sources: sources() })).version.patch).toBe(9);
  const newer = await setUp('1.25', { sources: sources(), checkLatest: true });
  expect([newer.how, newer.version.patch]).toEqual(['download-site', 10]);
});
