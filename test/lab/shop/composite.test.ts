import { mkdtempSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { ensureBundles } from '../../../tools/bundle/fresh-bundles.ts';
import { makeApiFail } from '../../fixtures/shop-edits.ts';
import { createShopRepository, type ShopRepository } from '../../fixtures/shop-repository.ts';
import { runWorkflow, type LocalRunner, type WorkflowRun } from '../../workflows/local-runner.ts';
import { prepareRunner } from '../../workflows/runner-environment.ts';
import { copySlipway } from '../../workflows/slipway-copy.ts';
import { ensureAct } from '../build/act.ts';
import { cacheFolder } from '../places/cache-folder.ts';
import { kubectlOf, servingPods, type Kubectl } from '../cluster/kubectl.ts';
import { useLab, type Lab } from '../lab.ts';

jest.setTimeout(600_000);

const namespace = 'composite';
const scratch = mkdtempSync(path.join(os.tmpdir(), 'slipway-composite-'));
let lab: Lab;
let kubectl: Kubectl;
let shop: ShopRepository;
let runner: LocalRunner;

/** A job of a service repository that releases one service with the root action alone. */
const workflow = (registry: string): string => `on: push
permissions: {}
jobs:
  api:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1
      - uses: OWNER/slipway@v1
        id: release
        with:
          package: ./services/api
          targets: linux/${process.arch === 'arm64' ? 'arm64' : 'amd64'}
          version: \${{ github.ref_name }}
          image: ${registry}/${namespace}/api
          chart: services/api/chart
          release: api
          namespace: ${namespace}
          value-files: services/api/chart/values-staging.yaml
          timeout: 2m
          min-soak: 10s
          deadline: 90s
          prometheus-url: \${{ vars.PROMETHEUS_URL }}
          traffic: /healthz
          kubeconfig: \${{ secrets.KUBECONFIG }}
      - if: always()
        run: 'echo "told: $TOLD"'
        env:
          TOLD: \${{ toJSON(steps.release.outputs) }}
`;

beforeAll(async () => {
  lab = await useLab();
  await ensureBundles([
    'setup-go-cached',
    'go-cross-build',
    'helm-atomic-upgrade',
    'verify-health',
  ]);
  kubectl = kubectlOf(lab, namespace);
  await kubectl('delete', 'namespace', namespace, '--ignore-not-found', '--wait');
  await kubectl('create', 'namespace', namespace);
  const cache = cacheFolder(process.env, os.homedir());
  runner = await prepareRunner({
    act: await ensureAct(cache, process.env),
    slipway: copySlipway(path.join(scratch, 'slipway')),
    cache,
    path: [path.dirname(lab.helm.v4)],
  });
  shop = await createShopRepository(path.join(scratch, 'shop'), {
    registry: `${lab.registry}/${namespace}`,
    chartRegistry: lab.registry,
    helm: lab.helm.v4,
    workflows: { 'one.yml': workflow(lab.registry) },
  });
}, 1_800_000);

afterAll(async () => {
  await kubectl('delete', 'namespace', namespace, '--ignore-not-found', '--wait=false');
  await rm(scratch, { recursive: true, force: true });
});

async function release(tag: string): Promise<{ run: WorkflowRun; outputs: object }> {
  const run = await runWorkflow(runner, {
    repository: shop.dir,
    workflow: 'one.yml',
    event: { name: 'push', payload: { ref: `refs/tags/${tag}`, repository: {} } },
    scratch: path.join(scratch, tag),
    secrets: { KUBECONFIG: readFileSync(lab.kubeconfig, 'utf8') },
    variables: { PROMETHEUS_URL: lab.prometheusUrl },
  });
  const lines = run.jobs.flatMap(({ steps }) => steps.flatMap((step) => step.lines));
  const told = /told: (\{.*\})/s.exec(lines.join('\n'))?.[1] ?? '{}';
  return { run, outputs: JSON.parse(told) as object };
}

test('the root action alone builds, deploys and verifies one service', async () => {
  const { run, outputs } = await release('v1.1.0');
  expect([run.exitCode, run.complaints]).toEqual([0, '']);
  expect(outputs).toMatchObject({
    status: 'deployed',
    revision: '1',
    'rolled-back': 'false',
    verdict: 'healthy',
    findings: expect.stringContaining(`every pod runs ${lab.registry}/${namespace}/api@sha256:`),
    certificate: expect.stringMatching(/certificate\.json$/),
    images: expect.stringMatching(/"api":"sha256:[0-9a-f]{64}"/),
  });
});

test('the root action rolls a sick version back, fails and tells the cause', async () => {
  const [before] = await servingPods(kubectl, namespace, 'app.kubernetes.io/name=api');
  await shop.commit('Answer faster', makeApiFail(0.2));
  const { run, outputs } = await release('v1.2.0');
  expect(run.exitCode).not.toBe(0);
  expect(outputs).toMatchObject({
    verdict: 'unhealthy',
    'rolled-back': 'true',
    'rollback-needed': 'false',
    cause: expect.stringMatching(/error|5\d\d|share/i),
  });
  const pods = await servingPods(kubectl, namespace, 'app.kubernetes.io/name=api');
  expect(new Set(pods.map(({ templateHash }) => templateHash))).toEqual(
    new Set([before?.templateHash]),
  );
});
