import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { load } from 'js-yaml';
import { root } from '../../tools/manifest.ts';

interface Called {
  inputs: Record<string, { required?: boolean }>;
  secrets: Record<string, unknown>;
}
interface Job {
  permissions?: Record<string, string>;
  uses?: string;
  with?: Record<string, string>;
  secrets?: Record<string, string>;
}
interface Workflow {
  on: { workflow_call: Called };
  jobs: Record<string, Job>;
}

const text = (file: string): string =>
  readFileSync(path.join(root, '.github', 'workflows', file), 'utf8');
const workflow = (file: string): Workflow => load(text(file)) as Workflow;

const release = workflow('go-release.yml');
const calls = Object.entries(release.jobs).flatMap(([name, job]) =>
  job.uses === undefined ? [] : [{ name, job }],
);

test('go-release.yml calls a workflow of its own commit for the deployments', () => {
  expect(calls.length).toBeGreaterThan(0);
  for (const { job } of calls) expect(job.uses).toBe('$/.github/workflows/go-deploy.yml');
});

describe.each(calls)('the call of job $name', ({ job }) => {
  const deploy = workflow('go-deploy.yml');
  const { inputs, secrets } = deploy.on.workflow_call;

  test('gives what go-deploy.yml declares, and nothing else', () => {
    expect(Object.keys(job.with ?? {}).sort()).toEqual(Object.keys(inputs).sort());
    expect(job.with?.['inputs']).toBe('${{ toJSON(inputs) }}');
  });

  test('hands every secret on by its name, so that an environment’s own comes first', () => {
    expect(job.secrets).toEqual(
      Object.fromEntries(Object.keys(secrets).map((name) => [name, `\${{ secrets.${name} }}`])),
    );
  });

  test('grants what the jobs ask for, since a called job gets no more than its caller has', () => {
    for (const { permissions } of Object.values(deploy.jobs))
      expect(job.permissions).toEqual(permissions);
  });
});

test('go-deploy.yml reads no input that go-release.yml has not', () => {
  const known = Object.keys(release.on.workflow_call.inputs);
  const read = [...text('go-deploy.yml').matchAll(/fromJSON\(inputs\.inputs\)\.([\w-]+)/g)];
  expect(read.length).toBeGreaterThan(30);
  expect(read.map(([, name = '']) => name).filter((name) => !known.includes(name))).toEqual([]);
});
