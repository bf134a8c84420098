import { execFileSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { runBundle } from '@slipway/testing';
import {
  commitModule,
  stampedMain,
  writeModule,
} from '../../actions/go-cross-build/test/go-module.ts';
import { actionFile, actionNames } from './contracted-action.ts';

jest.setTimeout(300_000);

/** In every input that these runs get, and in the tokens of the step. */
const secret = 'b0a7-0f-5ecre75';

let folder: string;
let spied: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'slipway-children-'));
  spied = path.join(folder, 'spied');
  await mkdir(spied);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** A program that writes down the environment that it was given, and then does as `body` says. */
async function spy(name: string, body: string, bin = path.join(folder, 'bin')): Promise<void> {
  await mkdir(bin, { recursive: true });
  const file = path.join(bin, name);
  await writeFile(file, `#!/bin/sh\nenv -0 > "${spied}/${name}-$$"\n${body}\n`);
  await chmod(file, 0o755);
}

/** Hands on to the real program of that name. */
async function spyOn(name: string): Promise<void> {
  const rest = '${PATH#*:}';
  await spy(name, `PATH="${rest}"\nexport PATH\nexec ${name} "$@"`);
}

/** A kubeconfig whose login is a program of ours; nothing answers at its server. */
async function kubeconfig(): Promise<string> {
  const credential = {
    apiVersion: 'client.authentication.k8s.io/v1',
    kind: 'ExecCredential',
    status: { token: 'not-a-real-token' },
  };
  await spy('login', `echo '${JSON.stringify(credential)}'`);
  const exec = {
    apiVersion: credential.apiVersion,
    command: path.join(folder, 'bin', 'login'),
    interactiveMode: 'Never',
  };
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'test',
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'test', namespace: 'shop' } }],
    clusters: [{ name: 'test', cluster: { server: 'https://127.0.0.1:61999' } }],
    users: [{ name: 'test', user: { exec } }],
  });
}

interface Scene {
  inputs: Record<string, string>;
  env?: Record<string, string>;
  /** The children that must have run, and whether all of them log in as this job. */
  children: Record<string, { logsIn?: boolean }>;
}

const goModule = (dir: string): void => {
  writeModule(dir, { 'services/api/main.go': stampedMain });
  commitModule(dir);
};

/** How each action is brought to start its programs. */
const scenes: Record<string, (workspace: string) => Promise<Scene>> = {
  'setup-go-cached': async () => {
    const bin = path.join(folder, 'toolchain', 'bin');
    await spy('go', 'echo GOOS=linux', bin);
    await writeFile(path.join(folder, 'toolchain', 'VERSION'), 'go1.26.0\n');
    return {
      inputs: { token: secret },
      env: { PATH: `${bin}:${process.env['PATH'] ?? ''}` },
      children: { go: { logsIn: false } },
    };
  },
  'go-cross-build': async (workspace) => {
    goModule(workspace);
    await spyOn('go');
    await spyOn('git');
    return {
      inputs: {
        packages: './...',
        targets: 'linux/amd64',
        'registry-username': 'ci',
        'registry-password': secret,
      },
      // The machine's own, so that the standard library is not compiled anew.
      env: { GOCACHE: execFileSync('go', ['env', 'GOCACHE'], { encoding: 'utf8' }).trim() },
      children: { go: { logsIn: false }, git: { logsIn: false } },
    };
  },
  'release-context': async (workspace) => {
    goModule(workspace);
    await spyOn('go');
    await spyOn('git');
    return { inputs: { 'base-ref': 'main' }, children: { git: { logsIn: false } } };
  },
  'go-test': async (workspace) => {
    goModule(workspace);
    await spyOn('go');
    return { inputs: { race: 'false' }, children: { go: { logsIn: false } } };
  },
  // It starts no program.
  'deployment-record': () =>
    Promise.resolve({
      inputs: { status: 'success', environment: 'staging', service: 'api', version: '1.0.0' },
      children: {},
    }),
  // Nor does this one.
  'tested-tree': () => Promise.resolve({ inputs: { mode: 'find' }, children: {} }),
  'helm-atomic-upgrade': async (workspace) => {
    await mkdir(path.join(workspace, 'chart'));
    await writeFile(
      path.join(workspace, 'chart', 'Chart.yaml'),
      'apiVersion: v2\nname: api\nversion: 1.0.0\n',
    );
    await spy('helm', `case "$1" in version) echo 'v4.2.3+gabcdef0' ;; esac`);
    return {
      inputs: {
        release: 'api',
        chart: 'chart',
        timeout: '5s',
        values: `password: ${secret}`,
        kubeconfig: await kubeconfig(),
      },
      children: { helm: {}, login: { logsIn: true } },
    };
  },
  'verify-health': async () => ({
    inputs: {
      workload: 'deployment/api',
      deadline: '2s',
      'min-soak': '1s',
      'on-unhealthy': 'report',
      'prometheus-token': secret,
      kubeconfig: await kubeconfig(),
    },
    children: { login: { logsIn: true } },
  }),
};

async function environmentsOf(name: string): Promise<readonly string[]> {
  const files = (await readdir(spied)).filter((file) => file.startsWith(`${name}-`));
  return Promise.all(files.map((file) => readFile(path.join(spied, file), 'utf8')));
}

test('every action that starts programs is looked at', () => {
  expect(Object.keys(scenes).sort()).toEqual([...actionNames].sort());
});

describe.each(Object.keys(scenes))('the programs that %s starts', (action) => {
  test('get neither its inputs nor its tokens, and all else', async () => {
    const workspace = path.join(folder, 'checkout');
    await mkdir(workspace);
    const scene = await scenes[action]?.(workspace);
    if (scene === undefined) throw new Error(`There is no scene of ${action}.`);
    const run = await runBundle({
      action,
      entry: actionFile(action, 'src', 'index.ts'),
      workspace,
      inputs: scene.inputs,
      timeoutMs: 280_000,
      env: {
        PATH: `${path.join(folder, 'bin')}:${process.env['PATH'] ?? ''}`,
        ACTIONS_RUNTIME_TOKEN: secret,
        ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'token-of-the-identity',
        ACTIONS_ID_TOKEN_REQUEST_URL: 'https://token.example.com',
        GITHUB_TOKEN: 'token-of-the-user',
        AWS_PROFILE: 'deployer',
        ...scene.env,
      },
    });
    for (const [name, { logsIn }] of Object.entries(scene.children)) {
      const environments = await environmentsOf(name);
      if (environments.length === 0)
        throw new Error(`${action} did not run ${name}:\n${run.stdout}${run.stderr}`);
      for (const text of environments) {
        expect(text).not.toMatch(/(?:^|\0)(?:INPUT|STATE)_/i);
        expect(text).not.toContain(secret);
        expect(text).toContain('AWS_PROFILE=deployer');
        expect(text).toContain('GITHUB_TOKEN=token-of-the-user');
        const identified = text.includes('token-of-the-identity');
        expect([name, identified]).toEqual([name, logsIn ?? identified]);
      }
    }
  });
});
