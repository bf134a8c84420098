import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { runnerLog, type JobRun } from './runner-log.ts';

/** Actions from elsewhere that the workflows use, at the commits that they are pinned to. */
const standIns = {
  'actions/upload-artifact@bbbca2ddaa5d8feaa63e36b76fdaad77386f024f': 'upload-artifact',
  'actions/download-artifact@3e5f45b2cfb9172054b4087a40e8e0b5a5461e7c': 'download-artifact',
} as const;

const waitNewsMs = 15_000;

/** Programs and folders of one local runner. */
export interface LocalRunner {
  /** Program of act. */
  act: string;
  /** Folders in front of the PATH, Node 24's first: act runs whatever `node` it finds. */
  path: readonly string[];
  /** The scratch copy of this repository. */
  slipway: string;
  /** Kept between runs: tool cache and act's own copies. */
  home: string;
  /** What every job finds in its environment besides; nothing of this process's is handed on. */
  env: Readonly<Record<string, string>>;
}

/** One run of one workflow of a service repository. */
export interface WorkflowQuestion {
  repository: string;
  /** File name under .github/workflows of the service repository. */
  workflow: string;
  event: { name: string; payload: unknown };
  /** Where the payload and the artifacts of the run go. */
  scratch: string;
  secrets?: Readonly<Record<string, string>>;
  variables?: Readonly<Record<string, string>>;
  /** Further actions from elsewhere, as `owner/name@commit`, and the folder of stand-ins that has each. */
  standIns?: Readonly<Record<string, string>>;
  /** Further repositories that workflows and actions are taken from, as `owner/name@ref`, and the folder of each. */
  repositories?: Readonly<Record<string, string>>;
  /** The GitHub whose API the jobs reach, with `github.token`; without it they have no token, and none is asked. */
  github?: { apiUrl: string; token: string };
  /** Where act's own cache service keeps entries (version 1 of the protocol); without it jobs have none. */
  cacheServer?: string;
  /** How many jobs run at once; two by default. */
  concurrentJobs?: number;
  onLine?: (line: string) => void;
  onJobEnd?: (job: JobRun) => void;
  /** Hears every 15 seconds which jobs are at work. */
  onWait?: (running: readonly JobRun[]) => void;
  signal?: AbortSignal;
}

/** How a run ended. */
export interface WorkflowRun {
  exitCode: number;
  jobs: readonly JobRun[];
  /** What act printed outside of any job: why it could not start one. */
  complaints: string;
  durationMs: number;
  /** Folder with one folder for each artifact. */
  artifacts: string;
}

const pairs = (flag: string, values: Readonly<Record<string, string>>): string[] =>
  Object.entries(values).flatMap(([name, value]) => [flag, `${name}=${value}`]);

/** Writes what act reads from files, and gives its arguments. */
function actArguments(
  runner: LocalRunner,
  question: WorkflowQuestion,
  artifacts: string,
): readonly string[] {
  const payload = path.join(question.scratch, 'event.json');
  writeFileSync(payload, JSON.stringify(question.event.payload));
  const secretFile = path.join(question.scratch, 'secrets.yml');
  const { github } = question;
  const secrets = {
    ...question.secrets,
    ...(github === undefined ? {} : { GITHUB_TOKEN: github.token }),
  };
  writeFileSync(secretFile, JSON.stringify(secrets), { mode: 0o600 });
  const replaced = Object.fromEntries([
    ['OWNER/slipway@v1', runner.slipway],
    ...Object.entries(question.repositories ?? {}),
    ...[...Object.entries(standIns), ...Object.entries(question.standIns ?? {})].map(
      ([action, folder]) => [action, path.join(import.meta.dirname, 'stand-ins', folder)],
    ),
  ]) as Record<string, string>;
  return [
    ...[question.event.name, '--json', '--eventpath', payload],
    ...['--workflows', path.join('.github', 'workflows', question.workflow)],
    ...['--platform', 'ubuntu-latest=-self-hosted', '--actor', 'octocat'],
    ...['--action-offline-mode', '--action-cache-path', path.join(runner.home, 'act')],
    ...['--concurrent-jobs', String(question.concurrentJobs ?? 2)],
    ...pairs('--local-repository', replaced),
    // It would otherwise listen on the machine's own address.
    ...(question.cacheServer === undefined
      ? ['--no-cache-server']
      : ['--cache-server-addr', '127.0.0.1', '--cache-server-path', question.cacheServer]),
    ...['--secret-file', secretFile],
    ...pairs('--var', question.variables ?? {}),
    ...pairs('--env', {
      SLIPWAY_ARTIFACTS: artifacts,
      GOMAXPROCS: '',
      ...(github === undefined ? {} : { GITHUB_API_URL: github.apiUrl }),
    }),
  ];
}

/**
 * Runs a workflow of a service repository as its runner would, on this machine and without a
 * container. `environment`, `concurrency` and `permissions` are not enforced by act.
 */
export async function runWorkflow(
  runner: LocalRunner,
  question: WorkflowQuestion,
): Promise<WorkflowRun> {
  const artifacts = path.join(question.scratch, 'artifacts');
  for (const folder of [artifacts, runner.home]) mkdirSync(folder, { recursive: true });
  const started = performance.now();
  const child = spawn(runner.act, actArguments(runner, question, artifacts), {
    cwd: question.repository,
    env: {
      ...runner.env,
      // Jobs that begin in the same moment meet in maps that act does not lock, and Go ends a process for
      // that: on one processor they take turns. The steps have all of them, see the arguments.
      GOMAXPROCS: '1',
      HOME: runner.home,
      PATH: runner.path.join(path.delimiter),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(question.signal === undefined ? {} : { signal: question.signal }),
  });
  const log = runnerLog(question.onJobEnd);
  const complaints: string[] = [];
  const read = (stream: NodeJS.ReadableStream): Promise<void> =>
    new Promise((resolve) => {
      createInterface({ input: stream })
        .on('line', (line) => {
          const shown = log.add(line);
          if (shown !== undefined && !line.startsWith('{')) complaints.push(shown);
          if (shown !== undefined) question.onLine?.(shown);
        })
        .on('close', resolve);
    });
  const waiting = setInterval(
    () => question.onWait?.(log.jobs.filter(({ result }) => result === undefined)),
    waitNewsMs,
  );
  const exitCode = await new Promise<number>((resolve, reject) => {
    child.on('error', reject);
    void Promise.all([
      read(child.stdout),
      read(child.stderr),
      new Promise<number>((ended) => child.on('close', (code) => ended(code ?? 1))),
    ]).then(([, , code]) => resolve(code));
  }).finally(() => clearInterval(waiting));
  const crash = complaints.find((line) => /^(?:fatal error|panic): /.test(line));
  if (crash !== undefined) throw new Error(`The local runner itself crashed: ${crash}`);
  return {
    exitCode,
    jobs: log.jobs,
    complaints: complaints.join('\n'),
    durationMs: performance.now() - started,
    artifacts,
  };
}
