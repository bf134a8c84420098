import { createHash, randomBytes } from 'node:crypto';
import * as fs from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { systemExec } from '@slipway/exec';
import { fakeLog, node24 } from '@slipway/testing';
import {
  startCacheService,
  type CacheServer,
  type CacheServerOptions,
} from '../../../test/lab/cache-service/index.ts';
import { restoreApart, saveApart } from '../src/caches-apart.ts';
import type { GoCachePlan, GoCacheState } from '../src/go-caches.ts';
import type { RestoreReport } from '../src/restore-report.ts';
import type { SaveReport } from '../src/layer-save.ts';

const program = path.join(import.meta.dirname, 'cache-program.ts');

/** A job that restores and saves, in folders of its own: nothing is left of an earlier job but what is cached. */
export interface Job {
  plan: Omit<GoCachePlan, 'restores'>;
  restore(): Promise<{ modules?: RestoreReport; build?: RestoreReport; state: GoCacheState }>;
  save(state: GoCacheState): Promise<SaveReport[]>;
}

/** Jobs against one cache service, the real @actions/cache between them. */
export interface CacheMachine {
  server: CacheServer;
  scratch: string;
  job(name: string, given?: Partial<GoCachePlan> & { goSum?: string }): Promise<Job>;
  /** Environment of the jobs from now on. */
  env: Record<string, string>;
  signal: AbortSignal;
  close(): Promise<void>;
}

/** Starts a service and a place for jobs of the branch main. */
export async function startMachine(
  options: CacheServerOptions & { version?: 1 | 2 } = {},
): Promise<CacheMachine> {
  const scratch = await fs.mkdtemp(path.join(tmpdir(), 'slipway-layers-'));
  const server = await startCacheService(options);
  const token = server.runtimeToken('refs/heads/main');
  let made = 0;
  const machine: CacheMachine = {
    ...{ server, scratch, signal: new AbortController().signal },
    env: {
      ...{ PATH: process.env['PATH'] ?? '', HOME: scratch },
      ...server.environment(token, options.version),
    },
    job: async (name, { goSum, ...given } = {}) => {
      made += 1;
      const folder = path.join(scratch, `job-${made}`);
      await fs.mkdir(folder);
      const file = path.join(folder, 'go.sum');
      if (goSum !== undefined) await fs.writeFile(file, goSum);
      const plan = {
        ...{ moduleFolder: path.join(folder, 'mod'), buildFolder: path.join(folder, 'build') },
        ...{ tempDir: folder, cachesBuild: true, privatePatterns: '', checksTools: true },
        goSums: goSum === undefined ? [] : [{ file, name: 'go.sum', text: goSum }],
        build: {
          ...{ os: 'linux', arch: 'amd64', goVersion: '1.26.8', settings: {}, job: name },
          trust: { saves: 'open', restores: ['open'] } as const,
        },
        ...given,
      };
      const ports = () => ({
        exec: systemExec({ log: fakeLog(), env: {} }),
        ...{ env: machine.env, signal: machine.signal },
        command: [node24(), program] as [string, ...string[]],
      });
      return {
        plan,
        restore: async () => {
          const access = { readable: true, writable: true };
          const { reports, state } = await restoreApart(ports(), access, plan);
          const of = (layer: string) => reports.find((report) => report.layer === layer);
          const [modules, build] = [of('modules'), of('build')];
          return { state, ...(modules && { modules }), ...(build && { build }) };
        },
        save: (state) => saveApart(ports(), state),
      };
    },
    close: async () => {
      await server.close();
      await fs.rm(scratch, { recursive: true, force: true });
    },
  };
  return machine;
}

/**
 * Fills a build cache as a build does: each object an output and the action that it came from. `tookMs` is how long
 * it says that making them took. Returns the paths.
 */
export async function compile(
  folder: string,
  { objects, bytes, tookMs = 60_000 }: { objects: number; bytes: number; tookMs?: number },
): Promise<string[]> {
  const paths: string[] = [];
  const write = async (id: string, kind: 'a' | 'd', content: Buffer | string): Promise<void> => {
    const file = `${id.slice(0, 2)}/${id}-${kind}`;
    await fs.mkdir(path.join(folder, id.slice(0, 2)), { recursive: true });
    await fs.writeFile(path.join(folder, file), content);
    paths.push(file);
  };
  const startNs = BigInt(Date.now()) * 1_000_000n;
  for (let i = 0; i < objects; i += 1) {
    const content = randomBytes(bytes);
    const output = createHash('sha256').update(content).digest('hex');
    const action = randomBytes(32).toString('hex');
    const atNs = startNs + BigInt(Math.round((tookMs * 1e6 * i) / Math.max(1, objects - 1)));
    await write(output, 'd', content);
    const size = String(content.length).padStart(20);
    await write(action, 'a', `v1 ${action} ${output} ${size} ${String(atNs).padStart(20)}\n`);
  }
  return paths;
}

/** Path to SHA-256 of the files below a folder. */
export async function contents(folder: string): Promise<Record<string, string>> {
  const names = await fs.readdir(folder, { recursive: true }).catch((): string[] => []);
  const pairs = await Promise.all(
    names.map(async (name) => {
      const data = await fs.readFile(path.join(folder, name)).catch(() => undefined);
      return data === undefined
        ? []
        : [[name, createHash('sha256').update(data).digest('hex')] as const];
    }),
  );
  return Object.fromEntries(pairs.flat());
}
