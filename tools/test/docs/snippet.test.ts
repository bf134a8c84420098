import { describe, expect, test } from '@jest/globals';
import { load } from 'js-yaml';
import { readSnippet } from '../../docs/pages/snippet.ts';

function workflowOf(yaml: string): Record<string, unknown> {
  const snippet = readSnippet(yaml);
  if (snippet.kind !== 'workflow') throw new Error(`it is ${snippet.kind}`);
  return load(snippet.text) as Record<string, unknown>;
}

const runner = { 'runs-on': 'ubuntu-latest' };

describe('an example', () => {
  test('of steps becomes a workflow that uses this checkout', () => {
    expect(workflowOf('- uses: OWNER/slipway/actions/verify-health@v1\n- run: "true"\n')).toEqual({
      on: 'push',
      jobs: { job: { ...runner, steps: [{ uses: './actions/verify-health' }, { run: 'true' }] } },
    });
  });

  test('of a job, or of jobs, is completed', () => {
    const job = 'permissions: { contents: read }\nsteps:\n  - uses: OWNER/slipway@v1\n';
    const completed = { ...runner, permissions: { contents: 'read' }, steps: [{ uses: './' }] };
    expect(workflowOf(job)).toEqual({ on: 'push', jobs: { job: completed } });
    expect(workflowOf(`jobs:\n  deploy:\n${job.replace(/^/gm, '    ')}`)).toEqual({
      on: 'push',
      jobs: { deploy: completed },
    });
  });

  test('of a job that needs one which is not shown has a stand-in for that', () => {
    const { jobs } = workflowOf('jobs:\n  b:\n    needs: [a]\n    steps: [{ run: x }]\n');
    expect(Object.keys(jobs as object)).toEqual(['b', 'a']);
  });

  test('of a whole workflow keeps its triggers, and calls the workflow of this checkout', () => {
    const called = workflowOf(
      'on: { pull_request: }\njobs:\n  c:\n    uses: OWNER/slipway/.github/workflows/go-check.yml@v1\n',
    );
    expect(called).toEqual({
      on: { pull_request: null },
      jobs: { c: { uses: './.github/workflows/go-check.yml' } },
    });
  });

  test.each([
    ['apiVersion: v1\nkind: Secret\n', { kind: 'kubernetes' }],
    ['rules:\n  - { verbs: [get] }\n', { kind: 'kubernetes' }],
    ['package: ./x\nchart: y\n', { kind: 'other', keys: ['package', 'chart'] }],
  ])('of something else is told as such: %j', (yaml, snippet) => {
    expect(readSnippet(yaml)).toEqual(snippet);
  });

  test('that is no YAML is an error', () => {
    expect(() => readSnippet('a: [')).toThrow();
  });
});
