import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { ensureBundles } from '../../../tools/bundle/fresh-bundles.ts';
import { callerWorkflows } from '../../demo/caller.ts';
import { plainJobName } from '../../demo/checks.ts';
import { tagEvent } from '../../fixtures/github-events.ts';
import { writeFiles } from '../../fixtures/shop-edits.ts';
import { createShopRepository, type ShopRepository } from '../../fixtures/shop-repository.ts';
import { runWorkflow, type LocalRunner, type WorkflowRun } from '../../workflows/local-runner.ts';
import { prepareRunner } from '../../workflows/runner-environment.ts';
import { copySlipway } from '../../workflows/slipway-copy.ts';
import { ensureAct } from '../build/act.ts';
import { kubectlOf } from '../cluster/kubectl.ts';
import { useLab, type Lab } from '../lab.ts';
import { cacheFolder } from '../places/cache-folder.ts';

jest.setTimeout(900_000);

const scratch = mkdtempSync(path.join(os.tmpdir(), 'slipway-stages-'));
const heard = path.join(scratch, 'hooks');
const broken = path.join(scratch, 'broken');
const namespaces = ['demo-stages-canary', 'demo-stages-eu'];
let lab: Lab;
let shop: ShopRepository;
let runner: LocalRunner;

const fleet = `services: { services/quotes: }
environments:
  production:
    when: { kind: tag }
    namespace: demo-stages-{target}
    waves:
      - canary
      - { name: eu, cluster: eu-central-1 }
`;

/** A hook that says for what it was called, then does `work`. */
const hook = (name: string, work: string): Readonly<Record<string, string>> => ({
  [`.github/slipway/${name}/action.yml`]: `name: ${name}
description: Stands in for the repository's own ${name}.
inputs: { job: { default: '' }, target: { default: '' }, cluster: { default: '' } }
runs:
  using: composite
  steps:
    - shell: bash
      env:
        TARGET: \${{ inputs.target }}
        CALL: ${name} \${{ inputs.job }} \${{ inputs.target }} \${{ inputs.cluster }}
      run: |
        echo $CALL >> "$SLIPWAY_HEARD"
        ${work}
`,
});

beforeAll(async () => {
  lab = await useLab();
  await ensureBundles();
  const kubectl = kubectlOf(lab, 'default');
  for (const namespace of namespaces) {
    await kubectl('delete', 'namespace', namespace, '--ignore-not-found', '--wait');
    await kubectl('create', 'namespace', namespace);
  }
  const cache = cacheFolder(process.env, os.homedir());
  runner = await prepareRunner({
    act: await ensureAct(cache, process.env),
    slipway: copySlipway(path.join(scratch, 'slipway')),
    cache,
    path: [path.dirname(lab.helm.v4)],
    env: { SLIPWAY_HEARD: heard, SLIPWAY_BROKEN: broken, KUBECONFIG_OF_LAB: lab.kubeconfig },
  });
  const workflows = callerWorkflows({ registry: lab.registry, id: 'stages' });
  shop = await createShopRepository(path.join(scratch, 'shop'), {
    registry: `${lab.registry}/acme`,
    chartRegistry: lab.registry,
    helm: lab.helm.v4,
    workflows: Object.fromEntries(
      // The places of slipway.yml have their own.
      Object.entries(workflows).map(([name, text]) => [
        name,
        text.replace(/^ *namespace: .*$/m, ''),
      ]),
    ),
  });
  await shop.commit(
    'Two waves',
    writeFiles({
      'slipway.yml': fleet,
      'services/quotes/slipway.yml': 'targets: [linux/amd64]\n',
      ...hook('login', 'echo "KUBECONFIG=$KUBECONFIG_OF_LAB" >> "$GITHUB_ENV"'),
      ...hook('before-deploy', 'if [ "$TARGET" = "$(cat "$SLIPWAY_BROKEN")" ]; then exit 1; fi'),
    }),
  );
}, 1_800_000);

afterAll(async () => {
  for (const namespace of namespaces)
    await kubectlOf(
      lab,
      namespace,
    )(...['delete', 'namespace', namespace, '--ignore-not-found', '--wait=false']);
  rmSync(scratch, { recursive: true, force: true });
});

async function release(tag: string, brokenTarget: string): Promise<WorkflowRun> {
  writeFileSync(broken, brokenTarget);
  writeFileSync(heard, '');
  const sha = await shop.sha();
  await shop.tag(tag);
  const { name, payload } = tagEvent({ tag, commit: { sha, message: 'Two waves' } });
  return await runWorkflow(runner, {
    repository: shop.dir,
    workflow: 'release.yml',
    event: { name, payload },
    scratch: path.join(scratch, tag),
    variables: { PROMETHEUS_URL: lab.prometheusUrl },
  });
}

const deployments = (run: WorkflowRun): Readonly<Record<string, string | undefined>> =>
  Object.fromEntries(
    run.jobs
      .filter(({ name }) => name.startsWith('Deploy '))
      .map(({ name, result }) => [plainJobName(name), result]),
  );
const hooks = (): readonly string[] => readFileSync(heard, 'utf8').trim().split('\n');

describe('a release to two waves', () => {
  test('does not reach the second when the first fails', async () => {
    const run = await release('v2.0.0', 'canary');
    expect(run.exitCode).not.toBe(0);
    expect(deployments(run)).toEqual({ 'Deploy quotes to production, canary': 'failure' });
    expect(hooks()).toEqual([
      'login build',
      'login deploy canary canary',
      'before-deploy canary canary',
    ]);
    const installed = await kubectlOf(lab, 'demo-stages-eu')('get', 'deployments', '-o', 'name');
    expect(installed).toBe('');
  });

  test('puts it on the second when the first is verified, each logged in to its own cluster', async () => {
    const run = await release('v2.0.1', '');
    expect([run.exitCode, deployments(run)]).toEqual([
      0,
      {
        'Deploy quotes to production, canary': 'success',
        'Deploy quotes to production, eu': 'success',
      },
    ]);
    expect(hooks()).toEqual([
      'login build',
      'login deploy canary canary',
      'before-deploy canary canary',
      'login deploy eu eu-central-1',
      'before-deploy eu eu-central-1',
    ]);
    for (const namespace of namespaces)
      expect(await kubectlOf(lab, namespace)('get', 'deployments', '-o', 'name')).toContain(
        'quotes',
      );
  });
});
