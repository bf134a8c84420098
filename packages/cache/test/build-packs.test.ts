import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import * as fs from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { systemClock } from '@slipway/runtime';
import type { CacheTrust } from '../src/cache-trust.ts';
import { restoreGoCaches, type GoCachePlan } from '../src/go-caches.ts';
import { saveGoCaches } from '../src/go-caches-save.ts';
import { indexName, mostPacks, readManifest, type Manifest } from '../src/pack/index.ts';
import { compile } from './cache-machine.ts';
import { memoryTransfer, type Entries } from './memory-transfer.ts';

let scratch: string;
let entries: Entries;

beforeEach(async () => {
  scratch = await fs.mkdtemp(path.join(tmpdir(), 'slipway-build-packs-'));
  entries = new Map();
});
afterEach(() => fs.rm(scratch, { recursive: true, force: true }));

const open: CacheTrust = { saves: 'open', restores: ['open', 'protected'] };
/** Enough bytes to be worth an entry, however few objects. */
const program = { objects: 2, bytes: 1_100_000 };

function planOf(given: {
  folder: string;
  buildFolder: string;
  job?: string;
  trust?: CacheTrust;
}): GoCachePlan {
  const { folder, buildFolder, job = 'test', trust = open } = given;
  return {
    ...{ moduleFolder: path.join(folder, 'mod'), buildFolder, tempDir: folder },
    ...{ cachesBuild: true, restores: true, goSums: [], privatePatterns: '', checksTools: true },
    build: { os: 'linux', arch: 'amd64', goVersion: '1.26.8', settings: {}, job, trust },
  };
}

/** A job: restores, uses some of what it restored, compiles some more, saves. */
async function run(given: {
  job?: string;
  trust?: CacheTrust;
  uses?: (file: string) => boolean;
  compiles?: number;
}) {
  const folder = await fs.mkdtemp(path.join(scratch, 'job-'));
  const buildFolder = path.join(folder, 'build');
  const ports = { clock: systemClock, transfer: memoryTransfer(entries, folder) };
  const { state, reports } = await restoreGoCaches(
    ports,
    planOf({ folder, buildFolder, ...given }),
  );
  const names = await fs.readdir(buildFolder, { recursive: true }).catch((): string[] => []);
  const restored = names.filter((name) => name.includes(path.sep));
  const now = new Date();
  for (const file of restored)
    if (given.uses?.(file) ?? true) await fs.utimes(path.join(buildFolder, file), now, now);
  const made =
    (given.compiles ?? 0) > 0
      ? await compile(buildFolder, { ...program, objects: given.compiles ?? 0 })
      : [];
  const [saved] = await saveGoCaches(ports, state);
  return { report: reports.find(({ layer }) => layer === 'build'), saved, restored, made };
}

/** What the newest manifest says. */
function manifest(): Manifest {
  const [key = ''] = [...entries.keys()]
    .filter((name) => name.startsWith('slipway-build'))
    .slice(-1);
  const [content] = [...(entries.get(key)?.values() ?? [])];
  return readManifest(content?.toString() ?? '');
}

describe('the packs of a build cache', () => {
  test('are joined before they become many, and nothing that is used is lost', async () => {
    const made: string[] = [];
    for (let commit = 0; commit <= mostPacks; commit += 1)
      made.push(...(await run({ compiles: 1 })).made);
    expect(manifest().packs).toHaveLength(2);
    const { report, restored } = await run({});
    expect(report).toMatchObject({ outcome: 'restored', files: made.length });
    expect(restored.sort()).toEqual(made.sort());
  });

  test('are written anew without what nobody uses once that is most of them', async () => {
    const { made } = await run({ compiles: 8 });
    const keep = new Set(made.slice(0, 4));
    await run({ uses: (file) => keep.has(file), compiles: 1 });
    const { restored } = await run({});
    expect(restored).toHaveLength(6);
    expect(restored).toEqual(expect.arrayContaining([...keep]));
  });

  test('hold after five pushes what was made once, and little more', async () => {
    const size = (): number =>
      [...entries.values()]
        .flatMap((files) => [...files.values()])
        .reduce((a, b) => a + b.length, 0);
    await run({ compiles: 20 });
    const base = size();
    for (let push = 0; push < 5; push += 1) await run({ compiles: 1 });
    expect(size()).toBeLessThan(base * 1.3);
    expect(entries.size).toBe(12);
  });

  test('are worth what it took to make them', async () => {
    await run({ compiles: 4 });
    const [{ worthMs } = { worthMs: 0 }] = manifest().packs;
    // `compile` says that it took a minute, in steps of twenty seconds.
    expect(worthMs).toBeCloseTo(60_000, -2);
  });

  test('of one job are no worse for the runs of another', async () => {
    const { made } = await run({ job: 'linux', compiles: 2 });
    await run({ job: 'windows', uses: () => false, compiles: 2 });
    const { restored } = await run({ job: 'linux' });
    expect(restored.sort()).toEqual(made.sort());
  });

  test('serve a job that never ran', async () => {
    const { made } = await run({ job: 'build', compiles: 2 });
    const { restored } = await run({ job: 'new' });
    expect(restored.sort()).toEqual(made.sort());
  });

  test('are not saved for what takes no time', async () => {
    await run({ compiles: 2 });
    const { saved } = await run({});
    expect(saved).toMatchObject({ outcome: 'skipped', why: 'nothing new was compiled' });
    expect(entries.size).toBe(2);
  });
});

describe('packs that a run without protection wrote', () => {
  const ships: CacheTrust = { saves: 'protected', restores: ['protected'] };

  test('are not restored where something is shipped, also when a manifest there lists them', async () => {
    await run({ compiles: 2 });
    expect((await run({ trust: ships })).restored).toEqual([]);
    const [[key, files] = ['', new Map<string, Buffer>()]] = [...entries].slice(-1);
    const forged = key.replace('-open-', '-protected-');
    entries.set(forged, new Map([[indexName(forged), [...files.values()][0] ?? Buffer.of()]]));
    const { report, restored } = await run({ trust: ships });
    expect({ outcome: report?.outcome, restored }).toEqual({ outcome: 'miss', restored: [] });
  });

  test('come into no manifest of a protected branch, also when it restored them', async () => {
    const { made: foreign } = await run({ compiles: 2 });
    const all: CacheTrust = { saves: 'protected', restores: ['protected', 'open'] };
    const { restored, made } = await run({ trust: all, compiles: 2 });
    expect(restored.sort()).toEqual(foreign.sort());
    expect((await run({ trust: ships })).restored.sort()).toEqual(made.sort());
  });

  test('may build on those of a protected branch', async () => {
    const { made } = await run({ trust: ships, compiles: 2 });
    await run({ compiles: 2 });
    const { restored } = await run({});
    expect(restored).toHaveLength(8);
    expect(restored).toEqual(expect.arrayContaining(made));
  });
});

test('a build cache that cannot be written costs the cache alone', async () => {
  await run({ compiles: 2 });
  const folder = await fs.mkdtemp(path.join(scratch, 'job-'));
  const buildFolder = path.join(folder, 'file', 'build');
  await fs.writeFile(path.join(folder, 'file'), 'in the way, as a full disk is');
  const ports = { clock: systemClock, transfer: memoryTransfer(entries, folder) };
  const { reports } = await restoreGoCaches(ports, planOf({ folder, buildFolder }));
  expect(reports).toMatchObject([{ layer: 'build', outcome: 'failed', broken: 'machine' }]);
  expect(reports[0]?.why).toContain('ENOTDIR');
});

test('fifty jobs that save at once compete for no key and lose nothing', async () => {
  await run({ compiles: 1 });
  const ends = await Promise.all(Array.from({ length: 50 }, () => run({ compiles: 1 })));
  expect(new Set(ends.map(({ saved }) => saved?.outcome))).toEqual(new Set(['saved']));
  expect(new Set(ends.map(({ saved }) => saved?.key)).size).toBe(50);
  const { report } = await run({});
  expect(report).toMatchObject({ outcome: 'restored', files: 4 });
});
