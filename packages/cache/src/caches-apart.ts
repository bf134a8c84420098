import type { Exec } from '@slipway/exec';
import { cacheEnvironment, type CacheAccess } from './cache-availability.ts';
import { answerMark, type CacheRequest } from './cache-request.ts';
import type { GoCachePlan, GoCacheState, RestoredGoCaches } from './go-caches.ts';
import type { SaveReport } from './layer-save.ts';

/** No cache is worth more; the process judges itself long before. */
const longestMs = 900_000;

/** What it takes to have caches restored and saved in a process of their own. */
export interface CacheProcessPorts {
  exec: Exec;
  env: Readonly<Record<string, string | undefined>>;
  signal: AbortSignal;
  /** Program and arguments that end in `runCacheProcess`. */
  command: readonly [string, ...string[]];
}

async function ask(ports: CacheProcessPorts, request: CacheRequest): Promise<unknown> {
  const [file, ...args] = ports.command;
  const env = cacheEnvironment(ports.env);
  const { stdout } = await ports.exec(file, args, {
    env,
    // The token is what the process is for; of children it is kept otherwise.
    addEnv: { ACTIONS_RUNTIME_TOKEN: env['ACTIONS_RUNTIME_TOKEN'] },
    input: JSON.stringify(request),
    signal: ports.signal,
    timeoutMs: longestMs,
    killGraceMs: 0,
  });
  const answer = stdout.split('\n').find((line) => line.startsWith(answerMark));
  if (answer === undefined)
    throw new Error('the process that restores and saves caches said nothing');
  return JSON.parse(answer.slice(answerMark.length));
}

/** Restores Go's caches. Throws when that fails as a whole, or the job is cancelled. */
export async function restoreApart(
  ports: CacheProcessPorts,
  access: CacheAccess,
  plan: Omit<GoCachePlan, 'restores'>,
): Promise<RestoredGoCaches> {
  const request = { call: 'restore' as const, plan: { ...plan, restores: access.readable } };
  return (await ask(ports, request)) as RestoredGoCaches;
}

/** Saves what is worth it of Go's caches. Throws when that fails as a whole, or the job is cancelled. */
export async function saveApart(
  ports: CacheProcessPorts,
  state: GoCacheState,
): Promise<SaveReport[]> {
  return (await ask(ports, { call: 'save', state })) as SaveReport[];
}
