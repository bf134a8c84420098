import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { ensureBundles } from '../../tools/bundle/fresh-bundles.ts';
import { makeApiFail } from '../fixtures/shop-edits.ts';
import { createShopRepository, type ShopRepository } from '../fixtures/shop-repository.ts';
import { kubectlOf, type Kubectl } from '../lab/cluster/kubectl.ts';
import { useLab, type Lab } from '../lab/lab.ts';
import { releaseService, type ReleaseSteps } from '../lab/shop/first-release.ts';

// With Helm 4 each step of the story is a test of its own, in test/lab/shop.
jest.setTimeout(600_000);

const namespace = 'first-release-v3';
const scratch = mkdtempSync(path.join(os.tmpdir(), 'slipway-first-release-'));
let lab: Lab;
let kubectl: Kubectl;
let shop: ShopRepository;

beforeAll(async () => {
  lab = await useLab();
  await ensureBundles(['go-cross-build', 'helm-atomic-upgrade', 'verify-health']);
  kubectl = kubectlOf(lab, namespace);
  await kubectl('delete', 'namespace', namespace, '--ignore-not-found', '--wait');
  await kubectl('create', 'namespace', namespace);
  shop = await createShopRepository(path.join(scratch, 'shop'), {
    registry: `${lab.registry}/${namespace}`,
    chartRegistry: lab.registry,
    helm: lab.helm.v4,
  });
}, 1_800_000);

afterAll(async () => {
  await kubectl('delete', 'namespace', namespace, '--ignore-not-found', '--wait=false');
  await rm(scratch, { recursive: true, force: true });
});

const release = (version: string): Promise<ReleaseSteps> =>
  releaseService({
    ...{ lab, shop, version, namespace, helm: 'v3', service: 'api' },
    images: `${lab.registry}/${namespace}`,
    scratch: path.join(scratch, version),
  });

test('with Helm 3 a service is deployed and proven healthy, and a sick version of it rolled back', async () => {
  expect(await release('v1.1.0')).toMatchObject({
    build: { exitCode: 0 },
    upgrade: { exitCode: 0, outputs: { status: 'deployed', revision: '1', changed: 'true' } },
    verify: { exitCode: 0, outputs: { verdict: 'healthy', 'rollback-needed': 'false' } },
  });
  await shop.commit('Answer faster', makeApiFail(0.2));
  expect(await release('v1.2.0')).toMatchObject({
    upgrade: { exitCode: 0, outputs: { changed: 'true', revision: '2' } },
    verify: { exitCode: 1, outputs: { verdict: 'unhealthy', 'rolled-back': 'true' } },
  });
});
