import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { runBundle } from '@slipway/testing';
import { tagEvent } from '../../../test/fixtures/github-events.ts';
import { shopServices, writeFiles } from '../../../test/fixtures/shop-edits.ts';
import {
  createShopRepository,
  type ShopRepository,
} from '../../../test/fixtures/shop-repository.ts';

// Each test starts a dozen processes, on machines that do other things too.
jest.setTimeout(180_000);

const entry = path.resolve(import.meta.dirname, '..', 'src', 'index.ts');
const twoPlaces = `environments:
  eu:
    when: { tag: 'v1.*' }
  us:
    when: { tag: 'v2.*' }
`;

describe('two tags on one commit', () => {
  let folder: string;
  let shop: ShopRepository;
  let commit: string;
  const git = (...args: readonly string[]): string =>
    execFileSync('git', args, { cwd: shop.dir, encoding: 'utf8' });

  beforeAll(async () => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'slipway-two-tags-'));
    shop = await createShopRepository(path.join(folder, 'shop'));
    commit = await shop.sha();
  }, 600_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  afterEach(() => {
    for (const tag of git('tag').split('\n').filter(Boolean)) git('tag', '--delete', tag);
    rmSync(path.join(shop.dir, 'slipway.yml'), { force: true });
  });

  async function plan(tag: string) {
    const event = tagEvent({ tag, commit: { sha: commit, message: 'x' } });
    const run = await runBundle({
      action: 'release-context',
      entry,
      workspace: shop.dir,
      event,
      env: event.env,
      inputs: { registry: 'ghcr.io/acme', 'github-token': '' },
    });
    expect(run.exitCode).toBe(0);
    const said = run.annotations
      .map(({ message }) => message)
      .filter((each) => each.includes('tag'));
    return { services: JSON.parse(run.outputs['services'] ?? '') as unknown, said, run };
  }

  it('release the higher version, whichever run comes last', async () => {
    git('tag', 'api/v1.2.3');
    git('tag', 'api/v1.2.4');
    const lower = await plan('api/v1.2.3');
    expect([lower.services, lower.run.outputs['stages']]).toEqual([[], '[]']);
    expect(lower.said).toEqual([
      'api is left to the tag api/v1.2.4 on the same commit, which has a higher version.',
    ]);
    expect(lower.run.summary).toContain('without what api/v1.2.4 on the same commit releases');
    const higher = await plan('api/v1.2.4');
    expect([higher.services, higher.said]).toEqual([['api'], []]);
  });

  it('release everything twice when they go to two places', async () => {
    await writeFiles({ 'slipway.yml': twoPlaces })(shop.dir);
    git('tag', 'v1.2.3');
    git('tag', 'v2.0.0');
    const { services, said, run } = await plan('v1.2.3');
    expect([services, said, run.outputs['environment']]).toEqual([shopServices, [], 'eu']);
  });
});
