import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { ensureBundles } from '../../../tools/bundle/fresh-bundles.ts';
import { makeApiCrash, makeApiFail } from '../../fixtures/shop-edits.ts';
import { createShopRepository, type ShopRepository } from '../../fixtures/shop-repository.ts';
import { releaseService, type ReleaseSteps } from './first-release.ts';
import { kubectlOf, servingPods, type Kubectl } from '../cluster/kubectl.ts';
import { useLab, type Lab } from '../lab.ts';

jest.setTimeout(600_000);

let lab: Lab;
const scratch = mkdtempSync(path.join(os.tmpdir(), 'slipway-first-release-'));

beforeAll(async () => {
  lab = await useLab();
  await ensureBundles(['go-cross-build', 'helm-atomic-upgrade', 'verify-health']);
}, 1_800_000);

afterAll(() => rm(scratch, { recursive: true, force: true }));

// With Helm 3 the same story is told in test/full.
describe('with Helm 4', () => {
  const helm = 'v4';
  const namespace = 'first-release';
  let shop: ShopRepository;
  let kubectl: Kubectl;
  let healthy: ReleaseSteps;

  const release = (version: string): Promise<ReleaseSteps> =>
    releaseService({
      ...{ lab, helm, shop, service: 'api', version, namespace },
      images: `${lab.registry}/${namespace}`,
      scratch: path.join(scratch, `${helm}-${version}`),
    });

  /** Versions that the serving pods say they are. */
  const versions = async (): Promise<string[]> => {
    const pods = await servingPods(kubectl, namespace, 'app.kubernetes.io/name=api');
    const answers = pods.map(async ({ name: pod }) => {
      const proxy = `/api/v1/namespaces/${namespace}/pods/${pod}:8080/proxy/version`;
      return (JSON.parse(await kubectl('get', '--raw', proxy)) as { version: string }).version;
    });
    return [...new Set(await Promise.all(answers))];
  };

  beforeAll(async () => {
    kubectl = kubectlOf(lab, namespace);
    await kubectl('delete', 'namespace', namespace, '--ignore-not-found', '--wait');
    await kubectl('create', 'namespace', namespace);
    shop = await createShopRepository(path.join(scratch, `shop-${helm}`), {
      registry: `${lab.registry}/${namespace}`,
      chartRegistry: lab.registry,
      helm: lab.helm.v4,
    });
    healthy = await release('v1.1.0');
  });

  afterAll(() => kubectl('delete', 'namespace', namespace, '--wait=false'));

  test('a service is built, pushed, deployed and proven healthy by the bundles', async () => {
    expect(healthy).toMatchObject({
      build: { exitCode: 0, outputs: { images: expect.stringContaining('sha256:') } },
      upgrade: { exitCode: 0, outputs: { status: 'deployed', revision: '1', changed: 'true' } },
      verify: { exitCode: 0, outputs: { verdict: 'healthy', 'rollback-needed': 'false' } },
    });
    expect(await versions()).toEqual(['v1.1.0']);
  });

  test('every step tells its story in one summary', () => {
    const summaries = Object.values(healthy).map(({ summary }: { summary: string }) => summary);
    expect(summaries).toHaveLength(3);
    for (const summary of summaries) expect(summary.match(/^### /gm)).toHaveLength(1);
  });

  test('the same commit again changes nothing', async () => {
    const again = await release('v1.1.0');
    expect(again.build.outputs['images']).toBe(healthy.build.outputs['images']);
    expect(again.upgrade?.outputs).toMatchObject({ changed: 'false', revision: '1' });
    expect(again.verify?.outputs).toMatchObject({ verdict: 'healthy' });
  });

  test('a version that fails a fifth of its requests is found unhealthy and rolled back', async () => {
    await shop.commit('Answer faster', makeApiFail(0.2));
    const sick = await release('v1.2.0');
    expect(sick).toMatchObject({
      upgrade: { exitCode: 0, outputs: { changed: 'true', revision: '2' } },
      verify: { exitCode: 1, outputs: { verdict: 'unhealthy', 'rolled-back': 'true' } },
    });
    expect(sick.verify?.outputs['cause']).toMatch(/error|5\d\d|share/i);
    expect(await versions()).toEqual(['v1.1.0']);
  });

  test('a version that crashes fails its upgrade with the cause, and the old one serves on', async () => {
    await shop.commit('Start faster', makeApiCrash());
    const crashing = await release('v1.3.0');
    expect(crashing).toMatchObject({
      upgrade: { exitCode: 1, outputs: { 'rolled-back': 'true' } },
    });
    expect(crashing.verify).toBeUndefined();
    expect(crashing.upgrade?.outputs['reason']).toMatch(/CrashLoopBackOff|exit/i);
    expect(await versions()).toEqual(['v1.1.0']);
  });
});
