import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import * as fs from 'node:fs/promises';
import path from 'node:path';
import type { ToolchainSources } from '../../src/toolchain/toolchain.ts';
import {
  base,
  closeSite,
  everythingIn,
  files,
  inModule,
  install,
  openSite,
  requests,
  scratch,
  site,
  tools,
} from './toolchain-site.ts';

beforeEach(openSite);
afterEach(closeSite);

describe('a toolchain from a download site', () => {
  async function archive(): Promise<Buffer> {
    const folder = path.join(scratch, 'archive');
    for (const [name, text] of Object.entries(files)) {
      const target = path.join(folder, name.replace(inModule, 'go').replace('_go.mod', 'go.mod'));
      await fs.mkdir(path.dirname(target), { recursive: true });
      await fs.writeFile(target, text, { mode: 0o755 });
    }
    return execFileSync('tar', ['-cz', '-C', folder, 'go']);
  }
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
});
