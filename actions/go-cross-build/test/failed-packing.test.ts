import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { escapeSummary } from '@slipway/runtime';
import { runBundle, type BundleResult } from '@slipway/testing';
import { stampedMain, writeModule } from './go-module.ts';

const entry = path.resolve(import.meta.dirname, '..', 'src', 'index.ts');

/** A go that never ends a build for arm64, and tells MIPS of programs when WRONG is set. */
const slowGo = `package main

import (
	"bytes"
	"os"
	"os/exec"
	"time"
)

func main() {
	args := os.Args[1:]
	if args[0] == "build" && os.Getenv("GOARCH") == "arm64" {
		time.Sleep(time.Hour)
	}
	command := exec.Command(os.Getenv("REAL_GO"), args...)
	command.Stdin, command.Stderr = os.Stdin, os.Stderr
	told, err := command.Output()
	if args[0] == "version" && os.Getenv("WRONG") != "" {
		told = bytes.ReplaceAll(told, []byte("GOARCH=amd64"), []byte("GOARCH=mips"))
	}
	os.Stdout.Write(told)
	if err != nil {
		os.Exit(1)
	}
}
`;

let root: string;
let goEnv: Record<string, string>;
let binFolder: string;

beforeAll(() => {
  root = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'slipway-packing-')));
  const names = ['GOCACHE', 'GOMODCACHE', 'GOPROXY', 'GOROOT'];
  const { GOROOT = '', ...found } = JSON.parse(
    execFileSync('go', ['env', '-json', ...names], { encoding: 'utf8' }),
  ) as Record<string, string>;
  const ending = process.platform === 'win32' ? '.exe' : '';
  binFolder = path.join(root, 'bin');
  writeModule(path.join(root, 'go'), { 'main.go': slowGo });
  execFileSync('go', ['build', '-o', path.join(binFolder, `go${ending}`), '.'], {
    cwd: path.join(root, 'go'),
  });
  const real = path.join(GOROOT, 'bin', `go${ending}`);
  goEnv = { ...found, GOENV: 'off', GOTOOLCHAIN: 'local', REAL_GO: real };
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** Builds for amd64, which fails after its build, and for arm64, which is still being built then. */
async function runWith(
  files: Readonly<Record<string, string>>,
  env: Readonly<Record<string, string>>,
): Promise<{ result: BundleResult; published: string[]; left: string[] }> {
  const workspace = mkdtempSync(path.join(root, 'case-'));
  const scratch = mkdtempSync(path.join(root, 'scratch-'));
  writeModule(workspace, files);
  const result = await runBundle({
    action: 'go-cross-build',
    entry,
    workspace,
    scratch,
    inputs: { packages: './...', targets: 'linux/amd64\nlinux/arm64', version: 'v1.2.3' },
    env: { ...goEnv, PATH: [binFolder, process.env['PATH']].join(path.delimiter), ...env },
  });
  const dist = path.join(workspace, 'dist');
  return {
    result,
    published: existsSync(dist) ? readdirSync(dist) : [],
    left: readdirSync(path.join(scratch, 'temp')),
  };
}

describe('a job whose build went well, but not', () => {
  test.each<[string, Record<string, string>, Record<string, string>, string, string]>([
    [
      'the packing of what was built',
      { 'cmd/LICENSE/main.go': stampedMain, LICENSE: 'free\n' },
      {},
      'An archive cannot hold "LICENSE" twice.',
      'Give each entry a path of its own.',
    ],
    [
      'the check of what was built',
      { 'cmd/api/main.go': stampedMain },
      { WRONG: 'yes' },
      'api for linux/amd64 was built with GOARCH=mips, not amd64.',
      'Look for GOFLAGS or a go.env that sets it.',
    ],
  ])('%s, ends with its cause, its summary and nothing left', async (_, files, env, why, next) => {
    const { result, published, left } = await runWith(files, env);
    expect(result.annotations.filter(({ level }) => level === 'error')).toEqual([
      expect.objectContaining({ message: expect.stringContaining(why) }),
    ]);
    expect(result.exitCode).toBe(1);
    expect(result.stderr).not.toMatch(/unhandled|uncaught/i);
    expect(result.summary).toContain('go-cross-build: failed');
    for (const text of [why, next]) expect(result.summary).toContain(escapeSummary(text));
    expect(Object.keys(result.outputs)).toEqual(['matrix']);
    expect({ published, left }).toEqual({ published: [], left: [] });
  });
});
