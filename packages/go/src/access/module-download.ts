import * as fs from 'node:fs/promises';
import path from 'node:path';
import { ExecError, type Exec } from '@slipway/exec';
import { ActionError, type Log } from '@slipway/runtime';
import { explainDownload } from './download-failure.ts';

/** What `go mod download` does, reaches and waits for is the user's; this is where it counts as stuck. */
const timeoutMs = 15 * 60_000;

/** Whose modules are downloaded, and with what. */
export interface ModuleDownload {
  /** The go command. */
  go: string;
  /** Absolute: the folder of a module or a workspace. */
  folder: string;
  /** Added to the environment. */
  env: Readonly<Record<string, string | undefined>>;
  secrets: readonly string[];
  /** Whether go.sum has to be complete, and what was downloaded before has to be what it was. */
  verify: boolean;
  signal: AbortSignal;
}

/**
 * Downloads the modules of a folder, where jobs find them without credentials afterwards. Throws ActionError with the
 * cause when the go command fails, and when go.sum has to be complete and is not; that is then as it was before.
 */
export async function downloadModules(
  { exec, log }: { exec: Exec; log: Log },
  given: ModuleDownload,
): Promise<void> {
  const { go, folder, env, secrets, verify, signal } = given;
  const run = (...args: string[]) =>
    exec(go, args, { cwd: folder, timeoutMs, signal, secrets, addEnv: env });
  const sums = verify ? await readSums(folder, (await run('env', 'GOWORK')).stdout.trim()) : [];
  try {
    await run('mod', 'download');
    log.info(`Downloaded the modules of ${folder}.`);
  } catch (error) {
    if (!(error instanceof ExecError)) throw error;
    throw explainDownload(folder, error, await whatGitSays(exec, given, error.stderr));
  }
  if (!verify) return;
  await refuseNewSums(sums);
  try {
    await run('mod', 'verify');
    log.info('All modules are what go.sum says.');
  } catch (error) {
    if (!(error instanceof ExecError)) throw error;
    throw new ActionError(`Modules of ${folder} are not what go.sum says.`, {
      title: 'Modules were changed',
      next: 'remove them from this machine (go clean -modcache) and look into who changed them',
      cause: error,
    });
  }
}

/**
 * Of a module whose path ends in `.git` the go command says no more than that no protocol will do; git is asked what
 * is wrong with the first of them.
 */
async function whatGitSays(
  exec: Exec,
  { folder, env, secrets, signal }: ModuleDownload,
  printed: string,
): Promise<string> {
  const [, module] = /(\S+?\.git)(?:\/\S*)?@\S+: no secure protocol found/.exec(printed) ?? [];
  if (module === undefined) return '';
  const options = { cwd: folder, timeoutMs: 60_000, signal, secrets, addEnv: env };
  const address = `https://${module}`;
  const says = await exec('git', ['ls-remote', '--heads', '--', address], options).catch(
    (error: unknown) => error,
  );
  signal.throwIfAborted();
  return says instanceof ExecError ? says.stderr : '';
}

interface Sums {
  file: string;
  text: string | undefined;
}

async function readSums(folder: string, work: string): Promise<Sums[]> {
  const files = [path.join(folder, 'go.sum')];
  if (work !== '' && work !== 'off') files.push(work.replace(/\.work$/, '.work.sum'));
  const read = (file: string): Promise<string | undefined> =>
    fs.readFile(file, 'utf8').catch(() => undefined);
  return Promise.all(files.map(async (file) => ({ file, text: await read(file) })));
}

/** The go command adds what is missing; who asks for verified modules wants to hear of it. */
async function refuseNewSums(before: readonly Sums[]): Promise<void> {
  for (const { file, text } of before) {
    const now = await fs.readFile(file, 'utf8').catch(() => undefined);
    if (now === text) continue;
    const known = new Set((text ?? '').split('\n'));
    const added = (now ?? '').split('\n').filter((line) => !known.has(line));
    if (text === undefined) await fs.rm(file, { force: true });
    else await fs.writeFile(file, text);
    const names = added.map((line) => line.split(' ').slice(0, 2).join(' '));
    throw new ActionError(`${file} is not complete: it lacks ${names.join(', ')}.`, {
      title: 'Incomplete go.sum',
      next: 'run go mod tidy and commit go.mod and go.sum',
    });
  }
}
