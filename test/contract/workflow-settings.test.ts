import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { load } from 'js-yaml';
import { actionsOfKeys } from '../../tools/docs/fleet-inputs.ts';
import { root } from '../../tools/manifest.ts';

const run = promisify(execFile);

interface Step {
  name?: string;
  if?: string;
  uses?: string;
  with?: Record<string, string>;
  env?: Record<string, string>;
  run?: string;
}

const files = ['go-check.yml', 'go-release.yml', 'go-deploy.yml'];
const steps = files.flatMap((file) => {
  const text = readFileSync(path.join(root, '.github', 'workflows', file), 'utf8');
  const { jobs } = load(text) as { jobs: Record<string, { steps?: Step[] }> };
  return Object.entries(jobs).flatMap(([job, { steps: those = [] }]) =>
    those.map((step) => ({ place: `${file}, ${job}`, step })),
  );
});
const using = (use: string) => steps.filter(({ step }) => step.uses === use);

describe.each(Object.entries(actionsOfKeys))('what slipway.yml says under %s', (key, action) => {
  test('is handed on wherever the action is used', () => {
    const uses = using(`$/actions/${action}`);
    expect(uses.map(({ place, step }) => [place, step.with?.['settings']])).toEqual(
      uses.map(({ place }) => [place, `\${{ matrix.${key} }}`]),
    );
    const places: Readonly<Record<string, readonly string[]>> = {
      go: ['check.yml, test', 'check.yml, build', 'release.yml, test', 'release.yml, build'],
      build: ['check.yml, build', 'release.yml, build'],
      helm: ['deploy.yml, deploy'],
      verify: ['deploy.yml, deploy'],
    };
    expect(uses.map(({ place }) => place)).toEqual(places[key]?.map((place) => `go-${place}`));
  });
});

test('the registry may be said in slipway.yml alone, and the token goes where the image goes', () => {
  const text = readFileSync(path.join(root, '.github', 'workflows', 'go-release.yml'), 'utf8');
  const { on } = load(text) as {
    on: { workflow_call: { inputs: Record<string, { required?: boolean; default?: string }> } };
  };
  expect(on.workflow_call.inputs['registry']).toMatchObject({ default: '' });
  expect(on.workflow_call.inputs['registry']?.required).toBeUndefined();
  const built = using('$/actions/go-cross-build').filter(({ place }) => place.startsWith('go-rel'));
  expect(built.map(({ step }) => step.with?.['registry-password'])).toEqual([
    "${{ secrets.registry-password || startsWith(matrix.image, 'ghcr.io/') && github.token || '' }}",
  ]);
});

test('flags of the linker are handed on to every build', () => {
  for (const { place, step } of using('$/actions/go-cross-build'))
    expect([place, step.with?.['ldflags']]).toEqual([place, '${{ matrix.ldflags }}']);
});

describe('the owners of a service', () => {
  const named = steps.filter(({ step }) => step.name === 'Name the owners');

  test('are named by every job of one service, when it failed, and told to the hook at its end', () => {
    expect(named.map(({ place }) => place)).toEqual([
      'go-check.yml, build',
      'go-release.yml, build',
      'go-deploy.yml, deploy',
    ]);
    for (const { step } of named) {
      expect(step.if).toBe("failure() && matrix.owners != ''");
      expect(step.env).toEqual({
        SERVICE: '${{ matrix.service }}',
        OWNERS: '${{ matrix.owners }}',
      });
    }
    const hook = using('./.github/slipway/after-deploy')[0]?.step;
    expect(hook?.with?.['owners']).toBe('${{ matrix.owners }}');
  });

  test.each([
    ['@acme/api', '@acme/api'],
    ['@acme/api\nops@example.com', '@acme/api, ops@example.com'],
    ['$(id) `id` "%0A::warning::x', '$(id) `id` "%250A::warning::x'],
  ])('%j are one annotation, and nothing else', async (owners, told) => {
    for (const { step } of named) {
      const args = ['--noprofile', '--norc', '-eo', 'pipefail', '-c', step.run ?? ''];
      const { stdout } = await run('bash', args, {
        env: { PATH: process.env['PATH'], SERVICE: 'api', OWNERS: owners },
      });
      expect(stdout).toBe(`::error title=api failed::Owners of api: ${told}\n`);
    }
  });
});
