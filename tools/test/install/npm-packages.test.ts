import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { scratchTree } from '../scratch-tree.ts';

const tools = path.resolve(import.meta.dirname, '../..');
/** Tells that it began, waits for the file `go`, and ends with the exit code that is in it. */
const fakeNpm = `
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
appendFileSync('npm.log', process.pid + ' begins\\n');
const timer = setInterval(() => {
  // The test that failed has removed its folder.
  if (!existsSync('npm.log')) process.exit(1);
  if (!existsSync('go')) return;
  clearInterval(timer);
  appendFileSync('npm.log', process.pid + ' ends\\n');
  process.exitCode = Number(readFileSync('go', 'utf8'));
}, 20);
`;

let root: string;
const running: ChildProcess[] = [];

beforeEach(() => {
  root = scratchTree({
    'package-lock.json': '{}',
    'tools/build.ts': "console.log('built');",
    'bin/npm.mjs': fakeNpm,
    'bin/npm': `#!/bin/sh\nexec "${process.execPath}" "$(dirname "$0")/npm.mjs"\n`,
    'bin/npm.cmd': `@"${process.execPath}" "%~dp0npm.mjs"\r\n`,
  });
  chmodSync(path.join(root, 'bin/npm'), 0o755);
  cpSync(path.join(tools, 'run.mjs'), path.join(root, 'tools/run.mjs'));
  cpSync(path.join(tools, 'install'), path.join(root, 'tools/install'), { recursive: true });
});

afterEach(async () => {
  writeFileSync(path.join(root, 'go'), '1');
  for (const child of running.splice(0))
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  rmSync(root, { recursive: true, force: true, maxRetries: 5 });
});

const lockFolder = (): string => path.join(root, '.cache/npm-ci.lock');
const allow = (exitCode = 0): void => writeFileSync(path.join(root, 'go'), String(exitCode));

/** The lines of the fake npm: its process and what it does. */
function npmLog(): readonly string[] {
  const file = path.join(root, 'npm.log');
  // The file is there a moment before its first line is.
  return existsSync(file) ? (readFileSync(file, 'utf8').match(/.+(?=\n)/g) ?? []) : [];
}

/** A command that was started, all that it printed so far, and a wait for a text in it. */
function startCommand() {
  const child = spawn(process.execPath, [path.join(root, 'tools/run.mjs'), 'build'], {
    cwd: root,
    env: {
      ...process.env,
      PATH: `${path.join(root, 'bin')}${path.delimiter}${process.env['PATH'] ?? ''}`,
    },
  });
  running.push(child);
  let output = '';
  const read = (chunk: Buffer): void => {
    output += chunk.toString();
  };
  child.stdout.on('data', read);
  child.stderr.on('data', read);
  const ended = once(child, 'close').then(([code]) => ({ code: code as unknown, output }));
  const says = async (text: string): Promise<void> => {
    while (!output.includes(text)) await once(child.stdout, 'data');
  };
  return { child, ended, says };
}

async function npmBegins(): Promise<number> {
  while (npmLog().length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
  return Number(npmLog()[0]?.split(' ')[0]);
}

async function isGone(pid: number): Promise<boolean> {
  for (;;) {
    try {
      process.kill(pid, 0);
    } catch {
      return true;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

test('of two commands at once one installs the packages, and the other says that it waits', async () => {
  const first = startCommand();
  await npmBegins();
  const second = startCommand();
  await second.says(`Process ${first.child.pid ?? 0} installs the npm packages; waiting for it`);
  allow();
  const ends = await Promise.all([first.ended, second.ended]);
  expect(ends.map(({ code }) => code)).toEqual([0, 0]);
  expect(ends.map(({ output }) => output.endsWith('built\n'))).toEqual([true, true]);
  expect(npmLog().map((line) => line.replace(/^\d+ /, ''))).toEqual(['begins', 'ends']);
  expect(existsSync(lockFolder())).toBe(false);
});

test('a failure of npm ends the command with its exit code, and the next one tries again', async () => {
  allow(7);
  const failed = await startCommand().ended;
  expect(failed.code).toBe(7);
  expect(failed.output).toContain('npm ci ended with exit code 7; what it says stands above.');
  expect(failed.output).not.toContain('built');
  allow(0);
  expect((await startCommand().ended).code).toBe(0);
});

test('the lock of a process that is gone is taken over', async () => {
  const { pid } = spawnSync(process.execPath, ['--version']);
  mkdirSync(lockFolder(), { recursive: true });
  writeFileSync(path.join(lockFolder(), `${pid}-0`), '');
  allow();
  const { code, output } = await startCommand().ended;
  expect(code).toBe(0);
  expect(output).toMatch(/^Installing npm packages .*\nbuilt\n$/);
  expect(existsSync(lockFolder())).toBe(false);
});

// Windows ends a process without telling it.
if (process.platform !== 'win32') {
  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('%s ends npm with the command', async (signal, expected) => {
    const command = startCommand();
    const npm = await npmBegins();
    command.child.kill(signal);
    expect((await command.ended).code).toBe(expected);
    expect(await isGone(npm)).toBe(true);
    expect(npmLog()).toHaveLength(1);
    expect(existsSync(lockFolder())).toBe(false);
  });

  test('the npm of a command that was killed is waited for', async () => {
    const killed = startCommand();
    const npm = await npmBegins();
    killed.child.kill('SIGKILL');
    await once(killed.child, 'exit');
    const next = startCommand();
    await next.says(`Process ${npm} installs the npm packages`);
    allow();
    expect((await next.ended).code).toBe(0);
    expect(npmLog().map((line) => line.replace(/^\d+ /, ''))).toEqual([
      'begins',
      'ends',
      'begins',
      'ends',
    ]);
  });
}
