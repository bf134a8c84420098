import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { ensureBundles } from '../../../tools/bundle/fresh-bundles.ts';
import { useLab, type Lab } from '../lab.ts';
import { buildCrane, crossBuild, type Crane } from './crane.ts';

jest.setTimeout(900_000);

const run = promisify(execFile);
const namespace = 'go-cross-build-base';
let lab: Lab;
let scratch: string;
let crane: Crane;

beforeAll(async () => {
  [lab] = await Promise.all([useLab(), ensureBundles(['go-cross-build'])]);
  scratch = await realpath(await mkdtemp(path.join(os.tmpdir(), 'slipway-base-lab-')));
  crane = await buildCrane(scratch);
});

afterAll(async () => {
  await kubectl('delete', 'namespace', namespace, '--ignore-not-found', '--wait=false');
  await rm(scratch, { recursive: true, force: true });
});

async function kubectl(...args: string[]): Promise<string> {
  const all = ['--kubeconfig', lab.kubeconfig, ...args];
  return (await run(lab.kubectl, all, { maxBuffer: 64 * 1024 * 1024 })).stdout;
}

/** A base that crane made: a layer with a file, a working folder and a user. */
async function makeBase(reference: string): Promise<string> {
  const folder = path.join(scratch, 'base');
  await mkdir(path.join(folder, 'srv'), { recursive: true });
  await writeFile(path.join(folder, 'srv', 'base.txt'), 'from the base');
  const layer = path.join(scratch, 'base.tar');
  await run('tar', ['--owner=0', '--group=0', '-C', folder, '-cf', layer, 'srv']);
  await crane.run('append', '--platform', 'linux/amd64', '-f', layer, '-t', reference);
  await crane.run(
    ...['mutate', reference, '--set-platform', 'linux/amd64', '-w', '/srv', '-t', reference],
  );
  return crane.digestOf(reference);
}

const program = `package main

import "os"

func main() {
	for _, name := range os.Args[1:] {
		text, err := os.ReadFile(name)
		if err != nil {
			panic(err)
		}
		println(string(text))
	}
}
`;

describe('an image upon a base of another tool', () => {
  test('is valid for that tool, and runs with the files of both', async () => {
    const base = `${lab.registry}/cross/base`;
    const digest = await makeBase(`${base}:1`);
    const workspace = path.join(scratch, 'service');
    await mkdir(path.join(workspace, 'db'), { recursive: true });
    await writeFile(path.join(workspace, 'go.mod'), 'module example.com/service\n');
    await writeFile(path.join(workspace, 'main.go'), program);
    await writeFile(path.join(workspace, 'db', '1.sql'), 'from the service');
    const result = await crossBuild(workspace, {
      targets: 'linux/amd64',
      version: '1.0.0',
      image: `${lab.registry}/cross/upon`,
      'image-base': `${base}:1@${digest}`,
      'image-files': 'db=/srv/db/ owner=65532 mode=0400',
      'image-args': 'base.txt\ndb/1.sql',
      archive: 'false',
    });
    expect([result.exitCode, result.annotations]).toEqual([0, []]);
    const { service = '' } = JSON.parse(result.outputs['images'] ?? '') as Record<string, string>;
    // By digest, since a node keeps what a tag named before.
    const reference = `${lab.registry}/cross/upon@${service}`;
    expect(await crane.run('validate', '--remote', reference)).toContain('PASS');

    await kubectl('create', 'namespace', namespace);
    const overrides = { spec: { automountServiceAccountToken: false } };
    await kubectl(
      ...['run', 'upon', '-n', namespace, '--image', reference, '--restart=Never'],
      `--overrides=${JSON.stringify(overrides)}`,
    );
    await kubectl(
      ...['wait', 'pod/upon', '-n', namespace, '--timeout=120s'],
      '--for=jsonpath={.status.phase}=Succeeded',
    );
    expect((await kubectl('logs', 'upon', '-n', namespace)).trim().split('\n')).toEqual([
      'from the base',
      'from the service',
    ]);
  });
});
