import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs/promises';
import path from 'node:path';
import { systemClock } from '@slipway/runtime';
import { restoreGoCaches, type GoCachePlan, type GoCacheState } from '../src/go-caches.ts';
import { saveGoCaches } from '../src/go-caches-save.ts';
import type { RestoreReport } from '../src/restore-report.ts';
import type { SaveReport } from '../src/layer-save.ts';
import type { Transfer } from '../src/transfer/index.ts';
import { memoryTransfer, type Entries } from './memory-transfer.ts';

/** A job with modules on a machine that kept nothing. */
export interface ModuleJob {
  moduleFolder: string;
  restore(): Promise<{ modules: RestoreReport | undefined; state: GoCacheState }>;
  save(state: GoCacheState): Promise<SaveReport | undefined>;
}

/** A go.sum that names these modules, all of version v1.0.0. */
export const goSum = (...names: string[]): string =>
  names.map((name) => `example.com/${name} v1.0.0 h1:${name}=\n`).join('');

/** Downloads modules as the go command does; those that are there stay. Returns how many it fetched. */
async function download(
  { moduleFolder }: Pick<ModuleJob, 'moduleFolder'>,
  ...names: string[]
): Promise<number> {
  let fetched = 0;
  for (const name of names) {
    const folder = path.join(moduleFolder, 'cache/download/example.com', name, '@v');
    await fs.mkdir(folder, { recursive: true });
    const zip = path.join(folder, 'v1.0.0.zip');
    if (await fs.stat(zip).catch(() => undefined)) continue;
    fetched += 1;
    await fs.writeFile(zip, contentOf(name));
    await fs.writeFile(path.join(folder, 'v1.0.0.mod'), `module example.com/${name}\n`);
    await fs.writeFile(path.join(folder, 'v1.0.0.info'), '{"Version":"v1.0.0"}');
  }
  return fetched;
}

const zips = new Map<string, Buffer>();

/** A module is the same whoever downloads it. */
function contentOf(name: string): Buffer {
  const content = zips.get(name) ?? randomBytes(200_000);
  zips.set(name, content);
  return content;
}

/** Jobs that share entries; `scratch` holds their folders. */
export function moduleJobs(scratch: string, entries: Entries) {
  const of = async (
    name: string,
    text: string,
    given: Partial<GoCachePlan> = {},
    way: (folder: string) => Transfer = (folder) => memoryTransfer(entries, folder),
  ): Promise<ModuleJob> => {
    const folder = await fs.mkdtemp(path.join(scratch, 'job-'));
    const file = path.join(folder, 'go.sum');
    await fs.writeFile(file, text);
    const moduleFolder = path.join(folder, 'mod');
    const ports = { clock: systemClock, transfer: way(folder) };
    return {
      moduleFolder,
      restore: async () => {
        const { reports, state } = await restoreGoCaches(ports, {
          ...{ moduleFolder, buildFolder: path.join(folder, 'build'), tempDir: folder },
          ...{ cachesBuild: false, restores: true, privatePatterns: '', checksTools: true },
          goSums: [{ file, name: 'go.sum', text }],
          build: {
            ...{ os: 'linux', arch: 'amd64', goVersion: '1.26.8', settings: {}, job: name },
            trust: { saves: 'open', restores: [] },
          },
          ...given,
        });
        return { modules: reports.find(({ layer }) => layer === 'modules'), state };
      },
      save: async (state) =>
        (await saveGoCaches(ports, state)).find(({ layer }) => layer === 'modules'),
    };
  };
  /** A whole job: restores, downloads what it needs, saves. */
  const run = async (name: string, text: string, ...needed: string[]) => {
    const job = await of(name, text);
    const { modules, state } = await job.restore();
    const fetched = await download(job, ...needed);
    return { modules, state, fetched, saved: await job.save(state) };
  };
  return { of, download, run };
}

/** See moduleJobs. */
export type ModuleJobs = ReturnType<typeof moduleJobs>;
