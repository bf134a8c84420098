import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, jest, test } from '@jest/globals';
import type { BundleResult } from '@slipway/testing';
import { useBuildAction } from './build-action.ts';
import { commitModule, stampedMain } from './go-module.ts';

jest.setTimeout(300_000);

const action = useBuildAction();
const tag = { GITHUB_REF: 'refs/tags/v1.2.3' };

function write(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), text);
  }
}

/** Plans a program whose module takes another from a folder; the checkout is clean. */
async function plan(
  target: string,
  more: { inputs?: Record<string, string>; env?: Record<string, string>; vendored?: boolean } = {},
): Promise<BundleResult> {
  const folder = action.workspace({ 'cmd/api/main.go': stampedMain });
  const kit = {
    'go.mod': 'module example.com/kit\n\ngo 1.22\n',
    'kit.go': 'package kit\n\nconst Word = "hello"\n',
  };
  write(path.resolve(folder, target), kit);
  write(folder, {
    'go.mod': `module example.com/m\n\ngo 1.22\n\nrequire example.com/kit v1.0.0\n\nreplace example.com/kit => ${target}\n`,
    'cmd/api/word.go': 'package main\n\nimport _ "example.com/kit"\n',
  });
  if (more.vendored === true) execFileSync('go', ['mod', 'vendor'], { cwd: folder, stdio: 'pipe' });
  commitModule(folder);
  const inputs = { 'plan-only': 'true', targets: 'linux/amd64', ...more.inputs };
  return action.run(folder, inputs, { env: more.env ?? {} });
}

test('a module from a folder of the checkout is told, and in order on a tag', async () => {
  const { exitCode, stdout, annotations } = await plan('./libs/kit', { env: tag });
  expect([exitCode, annotations]).toEqual([0, []]);
  expect(stdout).toContain('Taken from folders of the checkout: example.com/kit => ./libs/kit.');
});

test('one from outside of the checkout is refused on a tag, and warned of elsewhere', async () => {
  const refused = await plan('../kit', { env: tag });
  expect(refused.exitCode).toBe(1);
  expect(refused.annotations[0]?.message).toContain(
    'from folders outside of the checkout, so nobody could build this version again from its commit: example.com/kit => ../kit.',
  );
  expect(refused.stdout).toContain('local-replace: warn');
  const warned = await plan('../kit');
  expect([warned.exitCode, warned.annotations.map(({ level }) => level)]).toEqual([0, ['warning']]);
});

test.each([
  [{ 'local-replace': 'warn' }, tag, 0],
  [{ 'local-replace': 'fail' }, {}, 1],
])('with %j and %j one from outside ends the step with %d', async (inputs, env, code) => {
  const { exitCode } = await plan('../kit', {
    inputs,
    env,
  });
  expect(exitCode).toBe(code);
});

test('one that is vendored comes from the checkout, wherever its line leads', async () => {
  const { exitCode, annotations } = await plan('../kit', { env: tag, vendored: true });
  expect([exitCode, annotations]).toEqual([0, []]);
});
