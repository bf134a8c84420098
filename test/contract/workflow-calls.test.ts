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
  needs?: string | string[];
  if?: string;
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

describe('the stages of go-release.yml', () => {
  test('are as many as release-context is told', () => {
    expect(text('go-release.yml')).toContain(`max-stages: '${calls.length}'`);
  });

  test.each(calls.map(({ name, job }, index) => ({ name, job, index })))(
    '$name begins only when all before it went well, and only where there is something to do',
    ({ job, index }) => {
      const before = index === 0 ? 'built' : (calls[index - 1]?.name ?? '');
      expect(job.needs).toEqual([...new Set(['plan', 'built', before])]);
      const stage = `needs.built.outputs.stage-${index + 1}`;
      expect(job.if?.trim()).toBe(
        `!cancelled() && needs.${before}.result == 'success' && ${stage} != '{"include":[]}'`,
      );
      expect(job.with?.['deployments']).toBe(`\${{ ${stage} }}`);
    },
  );

  test('are watched by the job that names those that were not reached', () => {
    const watched = calls.slice(0, -1).map(({ name }) => name);
    expect(release.jobs['not-reached']?.needs).toEqual(['built', ...watched]);
  });
});

test('go-deploy.yml reads no input that go-release.yml has not', () => {
  const known = Object.keys(release.on.workflow_call.inputs);
  const read = [...text('go-deploy.yml').matchAll(/fromJSON\(inputs\.inputs\)\.([\w-]+)/g)];
  expect(read.length).toBeGreaterThan(30);
  expect(read.map(([, name = '']) => name).filter((name) => !known.includes(name))).toEqual([]);
});
