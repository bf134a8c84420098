import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { ensureBundles } from '../../../tools/bundle/fresh-bundles.ts';
import { callerWorkflows } from '../../demo/caller.ts';
import { plainJobName } from '../../demo/checks.ts';
import { pushEvent } from '../../fixtures/github-events.ts';
import { changePricing, rewrite, writeFiles } from '../../fixtures/shop-edits.ts';
import { createShopRepository, type ShopRepository } from '../../fixtures/shop-repository.ts';
import { runWorkflow, type LocalRunner, type WorkflowRun } from '../../workflows/local-runner.ts';
import { prepareRunner } from '../../workflows/runner-environment.ts';
import { copySlipway } from '../../workflows/slipway-copy.ts';
import { ensureAct } from '../build/act.ts';
import { kubectlOf, servingPods } from '../cluster/kubectl.ts';
import { useLab, type Lab } from '../lab.ts';
import { cacheFolder } from '../places/cache-folder.ts';

jest.setTimeout(900_000);

const scratch = mkdtempSync(path.join(os.tmpdir(), 'slipway-gates-'));
const namespace = 'demo-gates-staging';
const heard = path.join(scratch, 'hooks');
let lab: Lab;
let shop: ShopRepository;
let runner: LocalRunner;

/** A hook as a repository would have it: it says that it was called, then does `work`. */
const hook = (name: string, work = ''): Readonly<Record<string, string>> => ({
  [`.github/slipway/${name}/action.yml`]: `name: ${name}
description: Stands in for the repository's own ${name}.
inputs:
  environment: { required: true }
  service: { required: true }
  namespace: { required: true }
  job: { default: '' }
  outcome: { default: '' }
  owners: { default: '' }
runs:
  using: composite
  steps:
    - shell: bash
      env:
        CALL: ${name} \${{ inputs.service }} \${{ inputs.environment }} \${{ inputs.namespace }} \${{ inputs.job }} \${{ inputs.outcome }} \${{ inputs.owners }}
      run: |
        echo $CALL >> "$SLIPWAY_HEARD"
        ${work}
`,
});

beforeAll(async () => {
  lab = await useLab();
  await ensureBundles();
  const kubectl = kubectlOf(lab, namespace);
  await kubectl('delete', 'namespace', namespace, '--ignore-not-found', '--wait');
  await kubectl('create', 'namespace', namespace);
  const cache = cacheFolder(process.env, os.homedir());
  runner = await prepareRunner({
    act: await ensureAct(cache, process.env),
    slipway: copySlipway(path.join(scratch, 'slipway')),
    cache,
    path: [path.dirname(lab.helm.v4)],
    env: { SLIPWAY_HEARD: heard, SLIPWAY_LAB_KUBECONFIG: lab.kubeconfig },
  });
  shop = await createShopRepository(path.join(scratch, 'shop'), {
    registry: `${lab.registry}/acme`,
    chartRegistry: lab.registry,
    helm: lab.helm.v4,
    workflows: callerWorkflows({ registry: lab.registry, id: 'gates' }),
  });
}, 1_800_000);

afterAll(async () => {
  await kubectlOf(
    lab,
    namespace,
  )(...['delete', 'namespace', namespace, '--ignore-not-found', '--wait=false']);
  await rm(scratch, { recursive: true, force: true });
});

/** The soak of a verification, by its certificate. */
function soakOf(artifacts: string, service: string): unknown {
  const folder = path.join(artifacts, `health-${service}-staging`);
  const file = readdirSync(folder, { recursive: true, encoding: 'utf8' }).find((each) =>
    each.endsWith('.json'),
  );
  const text = readFileSync(path.join(folder, file ?? 'no certificate'), 'utf8');
  return Number(/"minSoakMs": ?(\d+)/.exec(text)?.[1]);
}

describe('a push whose one service does not build, in a repository that logs in by a hook,', () => {
  let run: WorkflowRun;

  beforeAll(async () => {
    const before = await shop.sha();
    const sha = await shop.commit(
      'Better prices, and a worker for Windows that does not build',
      changePricing(),
      rewrite('services/worker/main.go', (text) => `${text}\n// One more line.\n`),
      writeFiles({
        'services/worker/slipway.yml':
          'targets: [windows/amd64]\nimage: true\nowners: ["@acme/worker"]\n',
        'services/worker/broken_windows.go': 'package main\n\nvar broken int = "not a number"\n',
        'services/api/slipway.yml': `targets: [linux/amd64]
owners: ['@acme/api']
go: { check-latest: false }
build: { image-labels: { team: shop } }
helm: { set: { podAnnotations.slipway-said: by-the-file }, description: said by slipway.yml }
verify: { min-soak: 11s }
`,
        'services/rules/slipway.yml': 'targets: [linux/amd64]\n',
        // As a cloud's own login leaves it: the secret KUBECONFIG is not there.
        ...hook('login', 'echo "KUBECONFIG=$SLIPWAY_LAB_KUBECONFIG" >> "$GITHUB_ENV"'),
        ...hook('before-build'),
        ...hook('before-deploy'),
        ...hook('after-deploy'),
      }),
    );
    const { name, payload } = pushEvent({ before, commits: [{ sha, message: 'Better prices' }] });
    run = await runWorkflow(runner, {
      repository: shop.dir,
      workflow: 'release.yml',
      event: { name, payload },
      scratch: path.join(scratch, 'run'),
      variables: { PROMETHEUS_URL: lab.prometheusUrl },
    });
  }, 900_000);

  test('deploys the others, names that one, and ends red', () => {
    const results = run.jobs.map(({ name, result }) => [plainJobName(name), result]);
    expect(Object.fromEntries(results)).toEqual({
      Plan: 'success',
      'Test root': 'success',
      'Build api': 'success',
      'Build rules': 'success',
      'Build worker': 'failure',
      Built: 'success',
      'Deploy api to staging': 'success',
      'Deploy rules to staging': 'success',
    });
    expect(run.exitCode).not.toBe(0);
    const told = run.jobs.flatMap(({ steps }) => steps.map(({ summary }) => summary)).join('');
    expect(told).toContain('### Not deployed: worker');
  });

  test('has what it deployed in the cluster, by digest', async () => {
    const kubectl = kubectlOf(lab, namespace);
    const pods = await servingPods(kubectl, namespace, 'app.kubernetes.io/name=api');
    expect(pods.length).toBeGreaterThan(0);
    expect(await kubectl('get', 'deployments', '-o', 'name')).not.toContain('worker');
  });

  test('took what slipway.yml says of the upgrade and the verification, before what the workflow says', async () => {
    const kubectl = kubectlOf(lab, namespace);
    const template = '{.spec.template.metadata.annotations}';
    const annotations = await kubectl('get', 'deployment/api', '-o', `jsonpath=${template}`);
    expect(JSON.parse(annotations)).toMatchObject({ 'slipway-said': 'by-the-file' });
    const soaks = Object.fromEntries(
      ['api', 'rules'].map((service) => [service, soakOf(run.artifacts, service)]),
    );
    // The caller of this workflow says 10s.
    expect(soaks).toEqual({ api: 11_000, rules: 10_000 });
  });

  test('names the owners of the service that failed', () => {
    const annotated = run.jobs.flatMap(({ steps }) => steps.flatMap((step) => step.annotations));
    expect(annotated.join('\n')).toContain('Owners of worker: @acme/worker');
    expect(annotated.join('\n')).not.toContain('Owners of api');
  });

  test('called the hooks where they belong, with environment, service and namespace', () => {
    const calls = readFileSync(heard, 'utf8').trim().split('\n');
    const of = (service: string): string[] => calls.filter((call) => call.includes(` ${service} `));
    const place = (service: string): string => `${service} staging ${namespace}`;
    expect(of('api')).toEqual([
      `login ${place('api')} build`,
      `before-build ${place('api')}`,
      `login ${place('api')} deploy`,
      `before-deploy ${place('api')}`,
      `after-deploy ${place('api')} success @acme/api`,
    ]);
    expect(of('worker')).toEqual([
      `login ${place('worker')} build`,
      `before-build ${place('worker')}`,
    ]);
  });
});
