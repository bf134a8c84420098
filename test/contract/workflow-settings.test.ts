import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { runInNewContext } from 'node:vm';
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
    "${{ needs.plan.outputs.registry-host != '' && startsWith(matrix.image, needs.plan.outputs.registry-host) && " +
      "secrets.registry-password || startsWith(matrix.image, 'ghcr.io/') && github.token || '' }}",
  ]);
});

test('flags of the linker are handed on to every build', () => {
  for (const { place, step } of using('$/actions/go-cross-build'))
    expect([place, step.with?.['ldflags']]).toEqual([place, '${{ matrix.ldflags }}']);
});

test('what ships is built without results of other jobs, which go does not check, and what is tested with them', () => {
  const caches = using('$/actions/setup-go-cached').map(({ place, step }) => [
    place,
    step.with?.['build-cache'],
  ]);
  expect(caches).toEqual([
    ['go-check.yml, test', undefined],
    ['go-check.yml, build', undefined],
    ['go-release.yml, test', undefined],
    ['go-release.yml, build', 'off'],
  ]);
});

test('modules that are private are reached alike wherever something is built or tested', () => {
  for (const { place, step } of using('$/actions/setup-go-cached'))
    expect([place, step.with]).toEqual([
      place,
      expect.objectContaining({
        netrc: '${{ secrets.go-netrc }}',
        'app-client-id': place.startsWith('go-check.yml')
          ? "${{ secrets.go-app-private-key != '' && inputs.go-app-client-id || '' }}"
          : '${{ inputs.go-app-client-id }}',
        'app-private-key': '${{ secrets.go-app-private-key }}',
      }),
    ]);
});

/** What GitHub makes of an expression of `||`, `&&`, `!=`, `==` and startsWith. */
function evaluated(
  expression: string | undefined,
  values: Readonly<Record<string, string>>,
): unknown {
  const inner = /^\$\{\{(.*)\}\}$/s.exec((expression ?? '').trim())?.[1] ?? '';
  const script = inner.replace(/'[^']*'|[a-z]+(?:\.[\w-]+)+/g, (part) =>
    part.startsWith("'") ? part : JSON.stringify(values[part] ?? ''),
  );
  const startsWith = (text: string, start: string): boolean => text.startsWith(start);
  return runInNewContext(script, { startsWith });
}

test.each([
  { of: 'go-check.yml', key: 'a key', told: 'Iv23liAcme' },
  // A pull request of a fork.
  { of: 'go-check.yml', key: '', told: '' },
  // What is released has its secrets, or is told which one it lacks.
  { of: 'go-release.yml', key: 'a key', told: 'Iv23liAcme' },
  { of: 'go-release.yml', key: '', told: 'Iv23liAcme' },
])('with the key "$key" the App of $of is "$told"', ({ of, key, told }) => {
  const uses = using('$/actions/setup-go-cached').filter(({ place }) => place.startsWith(of));
  const values = {
    'inputs.go-app-client-id': 'Iv23liAcme',
    'secrets.go-app-private-key': key,
  };
  const given = uses.map(({ step }) => evaluated(step.with?.['app-client-id'], values));
  expect(given).toEqual([told, told]);
});

describe('the login to the registry', () => {
  const build = using('$/actions/go-cross-build').find(({ place }) => place.includes('release'));
  const check = steps.find(({ step }) => step.name === 'Check the inputs');

  async function login(registry: string, image: string, password: string): Promise<unknown> {
    const script = `GITHUB_OUTPUT=$(mktemp); ${check?.step.run ?? ''}cat "$GITHUB_OUTPUT"; rm "$GITHUB_OUTPUT"`;
    const args = ['--noprofile', '--norc', '-eo', 'pipefail', '-c', script];
    const { stdout } = await run('bash', args, {
      env: {
        PATH: process.env['PATH'],
        NAME: '',
        TESTS: 'run',
        REGISTRY: registry,
        LOGIN: password === '' ? '' : 'given',
      },
    });
    const values = {
      'needs.plan.outputs.registry-host': stdout.trim().replace('registry-host=', ''),
      'matrix.image': image,
      'inputs.registry': registry,
      'inputs.registry-username': password === '' ? '' : 'pusher',
      'secrets.registry-password': password,
      'github.actor': 'octocat',
      'github.token': 'of-the-job',
    };
    return ['registry-username', 'registry-password'].map((input) =>
      evaluated(build?.step.with?.[input], values),
    );
  }

  test.each([
    ['ghcr.io/acme', 'ghcr.io/acme/api', '', ['octocat', 'of-the-job']],
    ['ghcr.io/acme', 'ghcr.io/other/api', 'hunter2', ['pusher', 'hunter2']],
    ['reg.example.com/acme', 'reg.example.com/acme/api', 'hunter2', ['pusher', 'hunter2']],
    ['reg.example.com', 'reg.example.com/api', '', ['', '']],
    ['acme', 'acme/api', 'hunter2', ['pusher', 'hunter2']],
    // Another host, which slipway.yml may name.
    ['ghcr.io/acme', 'evil.example.com/api', '', ['', '']],
    ['ghcr.io/acme', 'ghcr.io.example.com/api', '', ['', '']],
    ['reg.example.com/acme', 'evil.example.com/api', 'hunter2', ['', '']],
    ['reg.example.com/acme', 'reg.example.com.evil.example/api', 'hunter2', ['', '']],
    ['reg.example.com/acme', 'ghcr.io/acme/api', 'hunter2', ['octocat', 'of-the-job']],
    // slipway.yml alone names the registry.
    ['', 'ghcr.io/acme/api', '', ['octocat', 'of-the-job']],
    ['', 'reg.example.com/api', '', ['', '']],
    // Nothing is pushed, as for a pull request.
    ['ghcr.io/acme', '', '', ['', '']],
  ])('of %s with the image %j and the password %j is %j', async (registry, image, ...given) => {
    const [password, told] = given;
    expect(await login(registry, image, password)).toEqual(told);
  });

  test('is refused without a registry whose host it is for', async () => {
    expect(check?.step.env?.['LOGIN']).toBe(
      "${{ secrets.registry-password != '' && 'given' || '' }}",
    );
    await expect(login('', 'evil.example.com/api', 'hunter2')).rejects.toMatchObject({
      stdout: expect.stringContaining('registry-password is given without registry'),
    });
  });
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
