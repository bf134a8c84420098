import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { ExecError } from '@slipway/exec';
import { isLoopback } from '@slipway/http';
import {
  ActionError,
  errorMessage,
  formatDuration,
  retry,
  type Clock,
  type Log,
} from '@slipway/runtime';
import type { HelmCommands } from '../tool/index.ts';
import { chartSourceText, type ChartAccess, type ChartSource } from './chart-source.ts';
import { fetchProblem, isPassing } from './fetch-problem.ts';
import { readArchivedChart } from './packaged-chart.ts';

/** A packaged chart on this machine, so that what is rendered and what is deployed are the same bytes. */
export interface PulledChart {
  /** Absolute. */
  path: string;
  name: string;
  version: string;
  /** `sha256:…`: of the manifest in a registry, else of the archive. */
  digest: string;
}

/** How a chart is fetched. */
export interface PullOptions {
  access: ChartAccess;
  /** Private to the job; what is fetched, and the login of a repository, lie below it. */
  folder: string;
  attempts: number;
  timeoutMs: number;
}

/** What fetching needs. */
export interface PullPorts {
  helm: HelmCommands;
  clock: Clock;
  log: Log;
  signal: AbortSignal;
}

type RemoteChart = Extract<ChartSource, { kind: 'registry' | 'repository' | 'known-repository' }>;

/** The name of the repository in the job's own list. */
const repositoryName = 'slipway';

/**
 * Makes the repository known in a list of the job's own, which later commands read its login and its
 * certificates from. The password goes in by standard input; no process shows it.
 */
async function addRepository(
  { helm, signal }: PullPorts,
  url: string,
  { access, folder, timeoutMs }: PullOptions,
): Promise<readonly string[]> {
  const config = path.join(folder, 'repositories.yaml');
  const cache = path.join(folder, 'repository-cache');
  const list = ['--repository-config', config, '--repository-cache', cache];
  const { repository: login, caFile, passCredentials } = access;
  const flags = [
    ...(login === undefined ? [] : ['--username', login.username, '--password-stdin']),
    ...(passCredentials ? ['--pass-credentials'] : []),
    ...(caFile === undefined ? [] : ['--ca-file', caFile]),
    '--force-update',
  ];
  await helm.run(['repo', 'add', repositoryName, url, ...flags, ...list], {
    signal,
    timeoutMs,
    ...(login === undefined ? {} : { input: `${login.password}\n` }),
  });
  return list;
}

async function pullArguments(
  ports: PullPorts,
  source: RemoteChart,
  options: PullOptions,
): Promise<readonly string[]> {
  const { caFile, keyring } = options.access;
  const shared = [
    ...(source.version === '' ? [] : ['--version', source.version]),
    ...(keyring === undefined ? [] : ['--verify', '--keyring', keyring]),
  ];
  if (source.kind === 'repository') {
    const list = await addRepository(ports, source.url, options);
    return [`${repositoryName}/${source.name}`, ...shared, ...list];
  }
  const { reference } = source;
  if (source.kind === 'known-repository') return [reference, ...shared];
  return [
    reference,
    ...shared,
    ...(caFile === undefined ? [] : ['--ca-file', caFile]),
    // Helm may speak plain HTTP to registries on this machine alone.
    ...(isLoopback(reference) ? ['--plain-http'] : []),
  ];
}

/** The packaged chart in `folder`, where Helm has just put one. */
async function archiveIn(folder: string, what: string): Promise<string> {
  const found = (await readdir(folder)).find((name) => name.endsWith('.tgz'));
  if (found === undefined)
    throw new ActionError(`Helm says it fetched the chart ${what}, but left no archive.`, {
      next: 'Is that a chart? An image of the same name in the registry is none.',
    });
  return path.join(folder, found);
}

/** The SHA-256 of a file, as `sha256:…`. */
export async function digestOf(file: string): Promise<string> {
  return `sha256:${createHash('sha256')
    .update(await readFile(file))
    .digest('hex')}`;
}

/**
 * Fetches a chart once, by `helm pull`, so that versions, ranges and logins mean what they mean to Helm.
 * A failure that may pass is tried again. Throws ActionError that names the chart and what to do,
 * InputError when it is no chart that Helm would load, the signal's reason on a cancel.
 */
export async function pullChart(
  ports: PullPorts,
  source: RemoteChart,
  options: PullOptions,
): Promise<PulledChart> {
  const { helm, clock, log, signal } = ports;
  const { timeoutMs, attempts } = options;
  const what = chartSourceText(source);
  const target = path.join(options.folder, 'pulled');
  const pull = async (): Promise<string> => {
    // Helm leaves an archive behind that it could not verify, and the next attempt may bring another one.
    await rm(target, { recursive: true, force: true });
    await mkdir(target, { recursive: true, mode: 0o700 });
    const args = await pullArguments(ports, source, options);
    const { stdout, stderr } = await helm.run(['pull', ...args, '--destination', target], {
      signal,
      timeoutMs,
    });
    // Helm 3 tells on standard error, Helm 4 on standard output.
    return `${stdout}\n${stderr}`;
  };
  let printed: string;
  try {
    printed = await retry(pull, {
      clock,
      signal,
      attempts,
      firstDelayMs: 1_000,
      transient: isPassing,
      onRetry: ({ error, attempt, waitMs }) =>
        log.info(
          `Fetching the chart failed for a passing reason, attempt ${attempt} in ${formatDuration(waitMs)}: ` +
            (error instanceof ExecError ? fetchProblem(what, error).message : errorMessage(error)),
        ),
    });
  } catch (error) {
    throw error instanceof ExecError ? fetchProblem(what, error) : error;
  }
  const archive = await archiveIn(target, what);
  const { name, version } = await readArchivedChart(archive);
  const inRegistry = /^Digest: (sha256:[0-9a-f]{64})\s*$/m.exec(printed)?.[1];
  return { path: archive, name, version, digest: inRegistry ?? (await digestOf(archive)) };
}
