import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, jest, test } from '@jest/globals';
import { runBundle } from '@slipway/testing';
import { ensureBundles } from '../../tools/bundle/fresh-bundles.ts';
import { readManifest, root } from '../../tools/manifest.ts';
import { metadata } from './contracted-action.ts';

// Each bundle that is missing or stale is built first, which takes ncc some seconds.
jest.setTimeout(600_000);

beforeAll(() => ensureBundles());

/** Nothing may leave the machine: every proxy is a port where nobody listens. */
const offline = {
  HTTP_PROXY: 'http://127.0.0.1:9',
  HTTPS_PROXY: 'http://127.0.0.1:9',
  GOPROXY: 'off',
  GOFLAGS: '-mod=mod',
  GOTOOLCHAIN: 'local',
};

describe.each(readManifest())('dist/$name', ({ name, maxBytes }) => {
  const folder = path.join(root, 'dist', name);

  test('is one ES module with the licences of what is in it, and nothing else', () => {
    expect(readdirSync(folder).sort()).toEqual(['index.js', 'licenses.txt', 'package.json']);
    expect(JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'))).toMatchObject({
      type: 'module',
    });
  });

  test('is within its budget, and the budget not far above it', () => {
    const { size } = statSync(path.join(folder, 'index.js'));
    expect(size).toBeLessThanOrEqual(maxBytes);
    expect(size).toBeGreaterThan(maxBytes / 4);
  });

  test('holds no path of the machine that built it', () => {
    const text = readFileSync(path.join(folder, 'index.js'), 'utf8');
    expect(text).not.toContain(root);
    expect(text).not.toMatch(/\/(?:home|Users)\/[a-z]+\/[^"'`\s]*node_modules/);
  });

  test('without any input works or says what it needs, never with a stack', async () => {
    const run = await runBundle({ action: name, env: { ...offline, RUNNER_DEBUG: '' } });
    expect([0, 1]).toContain(run.exitCode);
    expect(run.stderr).toBe('');
    expect(run.stdout).not.toMatch(/^\s+at .+:\d+:\d+/m);
    const errors = run.annotations.filter(({ level }) => level === 'error');
    expect(errors).toHaveLength(run.exitCode);
    for (const { message } of errors) expect(message).toMatch(new RegExp(`^${name}: \\S.{10,}`));
    const required = metadata(name).inputs.filter((input) => input.required);
    for (const input of required) expect(errors[0]?.message).toContain(`${input.name}: `);
  });

  test('without any input writes one summary that tells what to do', async () => {
    const { summary } = await runBundle({ action: name, env: offline });
    expect(summary.match(/^### /gm)).toHaveLength(1);
    expect(summary.startsWith(`### `)).toBe(true);
  });

  test('has a post that finishes whatever main did', async () => {
    const main = await runBundle({ action: name, env: offline });
    const post = await runBundle({ action: name, env: offline, phase: 'post', after: main });
    expect([post.exitCode, post.stderr]).toEqual([0, '']);
  });
});
