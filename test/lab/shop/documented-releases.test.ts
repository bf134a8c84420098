import { chmodSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { ensureBundles } from '../../../tools/bundle/fresh-bundles.ts';
import { root } from '../../../tools/manifest.ts';
import { plainJobName } from '../../demo/checks.ts';
import { documentedBlock, withLines } from '../../fixtures/documented-block.ts';
import { dispatchEvent, pushEvent } from '../../fixtures/github-events.ts';
import { rewrite, writeFiles } from '../../fixtures/shop-edits.ts';
import { createShopRepository, type ShopRepository } from '../../fixtures/shop-repository.ts';
import { runWorkflow, type LocalRunner, type WorkflowRun } from '../../workflows/local-runner.ts';
import { prepareRunner } from '../../workflows/runner-environment.ts';
import { copySlipway } from '../../workflows/slipway-copy.ts';
import { ensureAct } from '../build/act.ts';
import { kubectlOf } from '../cluster/kubectl.ts';
import { useLab, type Lab } from '../lab.ts';
import { cacheFolder } from '../places/cache-folder.ts';

jest.setTimeout(900_000);

const scratch = mkdtempSync(path.join(os.tmpdir(), 'slipway-documented-'));
const namespace = 'demo-documented-staging';
const heard = path.join(scratch, 'heard');
const hook = readFileSync(
  path.join(root, 'docs', 'service-repository', 'hooks', 'eks', 'login', 'action.yml'),
  'utf8',
);
let lab: Lab;
let shop: ShopRepository;
let runner: LocalRunner;

/** AWS's own program as far as the hook calls it: it leaves the lab's kubeconfig where kubectl looks. */
const aws = `#!/bin/bash
echo "aws $*" >> "$SLIPWAY_HEARD"
cp "$SLIPWAY_LAB_KUBECONFIG" "$KUBECONFIG"
`;

/** A workflow of a page, for the lab's registry, a namespace of this test and a soak that is soon over. */
const forTheLab = (workflow: string, registryLine: string): string =>
  withLines(workflow, registryLine, [
    `registry: ${lab.registry}/acme`,
    'namespace: demo-documented-{environment}',
    'timeout: 2m',
    'min-soak: 5s',
    'deadline: 90s',
  ]);

beforeAll(async () => {
  lab = await useLab();
  await ensureBundles();
  const kubectl = kubectlOf(lab, namespace);
  await kubectl('delete', 'namespace', namespace, '--ignore-not-found', '--wait');
  await kubectl('create', 'namespace', namespace);
  const programs = path.join(scratch, 'bin');
  mkdirSync(programs);
  writeFileSync(path.join(programs, 'aws'), aws);
  chmodSync(path.join(programs, 'aws'), 0o755);
  const cache = cacheFolder(process.env, os.homedir());
  runner = await prepareRunner({
    act: await ensureAct(cache, process.env),
    slipway: copySlipway(path.join(scratch, 'slipway')),
    cache,
    path: [programs, path.dirname(lab.helm.v4)],
    env: {
      SLIPWAY_HEARD: heard,
      SLIPWAY_LAB_KUBECONFIG: lab.kubeconfig,
      KUBECONFIG: path.join(scratch, 'kubeconfig'),
    },
  });
  const eks = documentedBlock('docs/eks.md', 'yaml', 'go-release.yml');
  const rollBack = documentedBlock('docs/roll-back.md', 'yaml', 'go-release.yml');
  shop = await createShopRepository(path.join(scratch, 'shop'), {
    registry: `${lab.registry}/acme`,
    chartRegistry: lab.registry,
    helm: lab.helm.v4,
    workflows: {
      'release.yml': forTheLab(
        eks,
        'registry: 111122223333.dkr.ecr.eu-central-1.amazonaws.com/shop',
      ),
      'roll-back.yml': forTheLab(rollBack, 'registry: ghcr.io/acme'),
    },
  });
  await shop.commit('Log in', writeFiles({ '.github/slipway/login/action.yml': hook }));
  await shop.tag('v1.0.1');
}, 1_800_000);

afterAll(async () => {
  const kubectl = kubectlOf(lab, namespace);
  await kubectl('delete', 'namespace', namespace, '--ignore-not-found', '--wait=false');
  await rm(scratch, { recursive: true, force: true });
});

async function run(
  workflow: string,
  event: { name: string; payload: unknown },
): Promise<WorkflowRun> {
  const place = path.join(scratch, `run-${workflow}`);
  const pinned = (action: string): string => new RegExp(`${action}@\\w+`).exec(hook)?.[0] ?? '';
  return await runWorkflow(runner, {
    repository: shop.dir,
    workflow,
    event,
    scratch: place,
    standIns: {
      [pinned('aws-actions/configure-aws-credentials')]: 'aws-credentials',
      [pinned('aws-actions/amazon-ecr-login')]: 'ecr-login',
    },
  });
}

const results = ({ jobs }: WorkflowRun): Readonly<Record<string, string | undefined>> =>
  Object.fromEntries(jobs.map(({ name, result }) => [plainJobName(name), result]));

/** The commit that the deployed revision of the release `api` was made of. */
async function deployedCommit(): Promise<string> {
  const kubectl = kubectlOf(lab, namespace);
  const deployed = 'owner=helm,name=api,status=deployed';
  const path = 'jsonpath={.items[*].metadata.labels.slipway\\.dev/commit}';
  return await kubectl('get', 'secrets', '-l', deployed, '-o', path);
}

test('a push is built, pushed and deployed with the hook of its page', async () => {
  const before = await shop.sha();
  const sha = await shop.commit(
    'One more line',
    rewrite('services/api/main.go', (text) => `${text}\n// One more line.\n`),
  );
  const commits = [{ sha, message: 'One more line' }] as const;
  const released = await run('release.yml', pushEvent({ before, commits }));
  expect(results(released)).toEqual({
    Plan: 'success',
    'Test root': 'success',
    'Build api': 'success',
    Built: 'success',
    'Deploy api to staging': 'success',
  });
  expect(readFileSync(heard, 'utf8').trim().split('\n')).toEqual([
    'credentials eu-central-1 arn:aws:iam::111122223333:role/shop-build',
    'ecr login',
    'credentials eu-central-1 arn:aws:iam::111122223333:role/shop-deploy-staging',
    'aws eks update-kubeconfig --name shop-staging',
  ]);
  expect(await deployedCommit()).toBe(sha);
});

test('the workflow of the page on rolling back brings the earlier commit back', async () => {
  const newer = await shop.sha();
  expect(await deployedCommit()).toBe(newer);
  await shop.checkout('v1.0.1');
  const earlier = await shop.sha();
  const asked = dispatchEvent({
    sha: earlier,
    workflow: 'roll-back.yml',
    inputs: { services: 'api', environment: 'staging' },
  });
  const payload = Object.assign({}, asked.payload, { ref: 'refs/tags/v1.0.1' });
  const back = await run('roll-back.yml', { name: asked.name, payload });
  expect(results(back)).toMatchObject({
    Plan: 'success',
    'Build api': 'success',
    'Deploy api to staging': 'success',
  });
  expect(await deployedCommit()).toBe(earlier);
});
