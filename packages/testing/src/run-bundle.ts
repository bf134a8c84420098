import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { parseFileCommands } from './file-command.ts';
import { readStepLog, type StepLog } from './step-log.ts';

/** The checkout that holds dist/. */
const root = path.resolve(import.meta.dirname, '..', '..', '..');

/** A signal sent to the bundle's own process, as the runner does; nothing reaches its children. */
export type SentSignal = { signal: NodeJS.Signals } & (
  | { afterMs: number }
  /** Sent as soon as a line of the output contains this text or matches this pattern. */
  | { afterLine: string | RegExp }
  /** Sent as soon as this resolves: a server was asked, a file is there. */
  | { when: Promise<unknown> }
);

/** One run of one phase of one action. */
export interface BundleOptions {
  /** The action's name; its bundle is dist/<action>/index.js. */
  action: string;
  /** Another program in the bundle's place, for tests of the runtime itself. */
  entry?: string;
  /** `main` by default; only `post` sees state. */
  phase?: 'main' | 'post';
  /** By the names in action.yml. Defaults of action.yml are not filled in. */
  inputs?: Readonly<Record<string, string>>;
  /** Added to a clean environment; nothing of the test's own environment but PATH is handed on. */
  env?: Readonly<Record<string, string | undefined>>;
  /** GITHUB_WORKSPACE and the working folder; an empty folder by default. */
  workspace?: string;
  /** Handed to the post phase as STATE_*. */
  state?: Readonly<Record<string, string>>;
  /** The main run of the same job: its state, exported variables and PATH entries are handed on. */
  after?: BundleResult;
  /** GITHUB_EVENT_NAME and the payload behind GITHUB_EVENT_PATH. */
  event?: { name: string; payload: unknown };
  signals?: readonly SentSignal[];
  /** Hears what the run prints, on either stream, as it comes and in pieces. */
  onOutput?: (piece: string) => void;
  /** The Node to run it on; this one when it is a Node 24, else the one that npm installed. */
  node?: string;
  /**
   * Holds RUNNER_TEMP, RUNNER_TOOL_CACHE and HOME. Hand the same one to main and post; it is kept.
   * Without it a new one is made and removed after the run.
   */
  scratch?: string;
  /** The run is killed and the promise rejected after this long; a minute by default. */
  timeoutMs?: number;
}

/** What the runner would know after the run. */
export interface BundleResult extends StepLog {
  /** 128 plus the signal's number when a signal ended the process. */
  exitCode: number;
  stdout: string;
  stderr: string;
  outputs: Readonly<Record<string, string>>;
  state: Readonly<Record<string, string>>;
  exportedEnv: Readonly<Record<string, string>>;
  /** Folders put in front of PATH, the last one first. */
  path: readonly string[];
  summary: string;
  durationMs: number;
  /** Milliseconds from the first signal to the end; undefined when none was sent. */
  sinceSignalMs: number | undefined;
}

/** A Node 24: this process's own, or the npm package of this platform. Throws when there is none. */
export function node24(): string {
  if (process.versions.node.startsWith('24.')) return process.execPath;
  const name = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
  const manifest = createRequire(path.join(root, 'package.json')).resolve(`${name}/package.json`);
  return path.join(
    path.dirname(manifest),
    'bin',
    process.platform === 'win32' ? 'node.exe' : 'node',
  );
}

const fileCommands = ['output', 'env', 'path', 'state', 'step_summary'] as const;

function environment(options: BundleOptions, scratch: string, workspace: string) {
  const node = options.node ?? node24();
  const folders = [...(options.after?.path ?? []), path.dirname(node), process.env['PATH'] ?? ''];
  const eventPath = path.join(scratch, 'event.json');
  writeFileSync(eventPath, JSON.stringify(options.event?.payload ?? {}));
  const env: Record<string, string | undefined> = {
    PATH: folders.join(path.delimiter),
    HOME: path.join(scratch, 'home'),
    LANG: 'C.UTF-8',
    CI: 'true',
    GITHUB_ACTIONS: 'true',
    GITHUB_WORKSPACE: workspace,
    GITHUB_EVENT_NAME: options.event?.name ?? 'push',
    GITHUB_EVENT_PATH: eventPath,
    GITHUB_REPOSITORY: 'acme/shop',
    GITHUB_REPOSITORY_OWNER: 'acme',
    GITHUB_REF: 'refs/heads/main',
    GITHUB_REF_NAME: 'main',
    GITHUB_SHA: '0123456789abcdef0123456789abcdef01234567',
    GITHUB_SERVER_URL: 'https://github.com',
    GITHUB_API_URL: 'https://api.github.com',
    GITHUB_RUN_ID: '1',
    GITHUB_RUN_ATTEMPT: '1',
    GITHUB_JOB: 'test',
    GITHUB_ACTOR: 'octocat',
    GITHUB_WORKFLOW: 'test',
    RUNNER_OS: { darwin: 'macOS', win32: 'Windows' }[process.platform as string] ?? 'Linux',
    RUNNER_ARCH: process.arch === 'arm64' ? 'ARM64' : 'X64',
    RUNNER_DEBUG: '1',
    RUNNER_TEMP: path.join(scratch, 'temp'),
    RUNNER_TOOL_CACHE: path.join(scratch, 'tools'),
    ...(process.platform === 'win32'
      ? { SystemRoot: process.env['SystemRoot'], PATHEXT: process.env['PATHEXT'] }
      : {}),
    ...options.after?.exportedEnv,
    ...options.env,
  };
  const state = options.phase === 'post' ? { ...options.after?.state, ...options.state } : {};
  for (const [name, value] of Object.entries(state)) env[`STATE_${name}`] = value;
  for (const [name, value] of Object.entries(options.inputs ?? {}))
    env[`INPUT_${name.replaceAll(' ', '_').toUpperCase()}`] = value;
  for (const name of fileCommands) {
    const file = path.join(scratch, 'commands', name);
    writeFileSync(file, '');
    env[`GITHUB_${name.toUpperCase()}`] = file;
  }
  return { node, env };
}

/** Runs the program and sends the signals; resolves when it ended and its pipes are closed. */
function spawnEntry(entry: string, cwd: string, options: BundleOptions, scratch: string) {
  const { node, env } = environment(options, scratch, cwd);
  const timeoutMs = options.timeoutMs ?? 60_000;
  return new Promise<{
    exitCode: number;
    stdout: string;
    stderr: string;
    durationMs: number;
    sinceSignalMs: number | undefined;
  }>((resolve, reject) => {
    const started = performance.now();
    const child = spawn(node, [entry], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    const text = { stdout: '', stderr: '' };
    let signalledAt: number | undefined;
    let endedAt = started;
    const pending = new Set(options.signals ?? []);
    const send = (sent: SentSignal): void => {
      pending.delete(sent);
      signalledAt ??= performance.now();
      child.kill(sent.signal);
    };
    for (const sent of pending) if ('when' in sent) void sent.when.then(() => send(sent));
    const timers = [...pending].map((sent) =>
      'afterMs' in sent ? setTimeout(() => send(sent), sent.afterMs) : undefined,
    );
    let timedOut = false;
    timers.push(
      setTimeout(() => {
        timedOut = true;
        child.kill('SIGKILL');
      }, timeoutMs),
    );
    for (const name of ['stdout', 'stderr'] as const)
      child[name].setEncoding('utf8').on('data', (chunk: string) => {
        text[name] += chunk;
        options.onOutput?.(chunk);
        for (const sent of pending)
          if (
            'afterLine' in sent &&
            (typeof sent.afterLine === 'string'
              ? text[name].includes(sent.afterLine)
              : sent.afterLine.test(text[name]))
          )
            send(sent);
      });
    child.on('error', reject);
    child.on('exit', () => {
      endedAt = performance.now();
      timers.forEach((timer) => clearTimeout(timer));
    });
    child.on('close', (code, signal) => {
      if (timedOut)
        reject(
          new Error(
            `${options.action} did not end within ${timeoutMs} ms. It printed:\n${text.stdout}${text.stderr}`,
          ),
        );
      else
        resolve({
          exitCode: code ?? 128 + os.constants.signals[signal ?? 'SIGKILL'],
          ...text,
          durationMs: endedAt - started,
          sinceSignalMs: signalledAt === undefined ? undefined : endedAt - signalledAt,
        });
    });
  });
}

/**
 * Runs a built action the way the runner does: Node on its bundle with inputs, state and file commands
 * in the environment, then reads back what it printed and wrote. Throws when the bundle is missing,
 * when a file command is malformed, or after the time limit.
 */
export async function runBundle(options: BundleOptions): Promise<BundleResult> {
  const entry = options.entry ?? path.join(root, 'dist', options.action, 'index.js');
  if (!existsSync(entry))
    throw new Error(`${entry} is missing; build it with: npm run build -- ${options.action}`);
  const scratch = options.scratch ?? mkdtempSync(path.join(os.tmpdir(), 'slipway-run-'));
  for (const folder of ['temp', 'tools', 'home', 'commands', 'workspace'])
    mkdirSync(path.join(scratch, folder), { recursive: true });
  const workspace = options.workspace ?? path.join(scratch, 'workspace');
  try {
    const ended = await spawnEntry(entry, workspace, options, scratch);
    const written = (name: (typeof fileCommands)[number]): string =>
      readFileSync(path.join(scratch, 'commands', name), 'utf8');
    return {
      ...ended,
      ...readStepLog(`${ended.stdout}${ended.stderr}`),
      outputs: parseFileCommands(written('output')),
      state: parseFileCommands(written('state')),
      exportedEnv: parseFileCommands(written('env')),
      path: written('path').split(/\r?\n/).filter(Boolean).reverse(),
      summary: written('step_summary'),
    };
  } finally {
    if (options.scratch === undefined) rmSync(scratch, { recursive: true, force: true });
  }
}
