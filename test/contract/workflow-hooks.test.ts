import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { load } from 'js-yaml';
import { root } from '../../tools/manifest.ts';

interface Step {
  name?: string;
  if?: string;
  uses?: string;
  'timeout-minutes'?: string;
  with?: Record<string, string>;
}
interface Job {
  environment?: string;
  needs?: string | string[];
  permissions?: Record<string, string>;
  strategy?: { 'max-parallel'?: number };
  concurrency?: { group: string };
  uses?: string;
  steps?: Step[];
}
interface Hook {
  inputs: Record<string, { required?: boolean }>;
  runs: { using: string; steps: Step[] };
}

const read = (...file: string[]): unknown => load(readFileSync(path.join(root, ...file), 'utf8'));
const jobsOf = (file: string) =>
  (read('.github', 'workflows', file) as { jobs: Record<string, Job> }).jobs;
const released = jobsOf('go-release.yml');
const deployed = jobsOf('go-deploy.yml');
/** Those with steps: of go-release.yml, and of the workflow that it calls for the deployments. */
const jobs: Record<string, Job & { steps: Step[] }> = Object.fromEntries(
  [...Object.entries(released), ...Object.entries(deployed)].flatMap(([name, job]) =>
    job.steps === undefined ? [] : [[name, { ...job, steps: job.steps }]],
  ),
);
const caller = read('docs', 'service-repository', 'release.yml') as {
  jobs: { release: { permissions: Record<string, string> } };
};

const hookSteps = Object.entries(jobs).flatMap(([job, { steps }]) =>
  steps.flatMap((step, at) => {
    const name = /^\.\/\.github\/slipway\/([\w-]+)$/.exec(step.uses ?? '')?.[1];
    return name === undefined ? [] : [{ job, name, step, at }];
  }),
);

describe('the hooks of go-release.yml', () => {
  test('stand where they are documented, each after the checkout', () => {
    expect(hookSteps.map(({ job, name }) => `${job}: ${name}`)).toEqual([
      'build: login',
      'build: before-build',
      'deploy: login',
      'deploy: before-deploy',
      'deploy: after-deploy',
    ]);
    for (const { job, at } of hookSteps) {
      const checkout = jobs[job]?.steps.findIndex(({ uses }) => uses?.includes('/checkout@'));
      expect(checkout).toBeLessThan(at);
    }
  });

  test.each(hookSteps)('$name of $job runs only when the repository has it', ({ name, step }) => {
    expect(step.if).toContain(`hashFiles('.github/slipway/${name}/action.yml') != ''`);
    expect(Object.keys(step.with ?? {})).toEqual(
      expect.arrayContaining(['environment', 'service', 'namespace']),
    );
  });

  test.each(hookSteps)(
    '$name of $job may hang for no longer than the caller says',
    ({ job, step }) => {
      const inputs = job === 'build' ? 'inputs' : 'fromJSON(inputs.inputs)';
      expect(step['timeout-minutes']).toBe(`\${{ ${inputs}.hook-timeout-minutes }}`);
    },
  );

  test('can ask for a token of the job’s identity, where the documented caller grants it', () => {
    for (const job of new Set(hookSteps.map((each) => each.job)))
      expect(jobs[job]?.permissions).toMatchObject({ 'id-token': 'write' });
    const granted = caller.jobs.release.permissions;
    // Who may write may read.
    for (const { permissions = {} } of [...Object.values(released), ...Object.values(deployed)])
      for (const [right, level] of Object.entries(permissions))
        expect([level, 'write']).toContain(granted[right]);
  });
});

const folder = path.join('docs', 'service-repository', 'hooks');
const copied = readdirSync(path.join(root, folder));

describe.each(copied)('the hook to copy for %s', (cloud) => {
  const hook = read(folder, cloud, 'login', 'action.yml') as Hook;

  test('takes all that the workflow gives, and needs nothing else', () => {
    const given = hookSteps.filter(({ name }) => name === 'login').map(({ step }) => step.with);
    expect(given).toHaveLength(2);
    const names = new Set(given.flatMap((inputs) => Object.keys(inputs ?? {})));
    expect(Object.keys(hook.inputs).sort()).toEqual([...names].sort());
    // Where a service is built there is no cluster yet.
    const always = Object.keys(given[0] ?? {});
    for (const [name, { required = false }] of Object.entries(hook.inputs))
      expect([name, required]).toEqual([name, always.includes(name)]);
  });

  test('pins the actions of others to full commits', () => {
    expect(hook.runs.using).toBe('composite');
    const used = hook.runs.steps.flatMap(({ uses }) => uses ?? []);
    expect(used).not.toEqual([]);
    for (const uses of used) expect(uses).toMatch(/^[\w-]+\/[\w-]+@[0-9a-f]{40}$/);
  });
});

test('every hook of a deployment is told the target, its cluster and its hosts', () => {
  const ofDeployments = hookSteps.filter(({ job }) => job === 'deploy');
  expect(ofDeployments).toHaveLength(3);
  for (const { step } of ofDeployments)
    for (const name of ['target', 'cluster', 'hosts'])
      expect(step.with?.[name]).toBe(`\${{ matrix.${name} }}`);
});

describe('the deployments of go-release.yml', () => {
  test('wait for their approval all at once, for GitHub asks again for those that come later', () => {
    const protectedJobs = Object.values(jobs).filter(
      ({ environment }) => environment !== undefined,
    );
    expect(protectedJobs).toHaveLength(1);
    for (const { strategy } of protectedJobs) expect(strategy).not.toHaveProperty('max-parallel');
  });

  test('of two calls in one run share no artifact and no concurrency group', () => {
    const named = Object.values(jobs).flatMap(({ steps }) =>
      steps
        .filter(({ uses }) => /\/(?:upload|download)-artifact@/.test(uses ?? ''))
        .map((step) => step.with?.['name'] ?? step.with?.['pattern']),
    );
    expect(named.length).toBeGreaterThanOrEqual(5);
    for (const name of [...named, jobs['deploy']?.concurrency?.group])
      expect(name).toMatch(/\binputs(?:\.inputs\))?\.name\b/);
  });
});
