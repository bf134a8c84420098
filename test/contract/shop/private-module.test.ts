import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import {
  createPrivateModule,
  gitAccess,
  proxyAccess,
  usePrivateModule,
  type PrivateModule,
} from '../../fixtures/private-module.ts';
import { createShopRepository } from '../../fixtures/shop-repository.ts';

jest.setTimeout(120_000);

const run = promisify(execFile);
let scratch: string;

beforeAll(async () => {
  scratch = await mkdtemp(path.join(os.tmpdir(), 'shop-private-'));
});

afterAll(async () => {
  await run('go', ['clean', '-modcache'], {
    env: { ...process.env, GOMODCACHE: path.join(scratch, 'modules') },
  });
  await rm(scratch, { recursive: true, force: true });
});

/** Downloads the private module, and nothing else, into a module cache of the test's own. */
async function download(from: PrivateModule, access: Record<string, string>): Promise<string> {
  const shop = path.join(scratch, `shop-${path.basename(from.module)}`);
  const repository = await createShopRepository(shop);
  await repository.commit('Share the motto', usePrivateModule(from));
  const { stdout } = await run('go', ['mod', 'download', '-json', from.module], {
    cwd: shop,
    env: {
      ...process.env,
      GOMODCACHE: path.join(scratch, 'modules'),
      GOFLAGS: '-mod=readonly',
      GOPROXY: 'off',
      ...access,
    },
  });
  return (JSON.parse(stdout) as { Sum: string }).Sum;
}

describe('the private module', () => {
  test('comes from its proxy and has the sum that the shop wrote down', async () => {
    const kit = await createPrivateModule(path.join(scratch, 'proxied'));
    expect(kit.sums[0]).toContain(await download(kit, proxyAccess(kit, 'off')));
  });

  test('comes from its git repository where git is told of another address', async () => {
    const name = 'private.example.com/kit.git';
    const kit = await createPrivateModule(path.join(scratch, 'cloned'), name);
    expect(kit.sums[0]).toContain(await download(kit, gitAccess(kit)));
  });

  test('is out of reach without either', async () => {
    const kit = await createPrivateModule(path.join(scratch, 'alone'), 'private.example.com/alone');
    await expect(download(kit, {})).rejects.toThrow('private.example.com/alone');
  });
});
