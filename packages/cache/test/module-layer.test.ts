import { afterEach, describe, expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs/promises';
import path from 'node:path';
import { startMachine, type CacheMachine, type Job } from './cache-machine.ts';

let machine: CacheMachine;
afterEach(() => machine.close());

/** A go.sum that names these modules, all of version v1.0.0. */
const goSum = (...names: string[]): string =>
  names.map((name) => `example.com/${name} v1.0.0 h1:${name}=\n`).join('');

/** Downloads modules as the go command does; those that are there stay. Returns how many it fetched. */
async function download(job: Job, ...names: string[]): Promise<number> {
  let fetched = 0;
  for (const name of names) {
    const folder = path.join(job.plan.moduleFolder, 'cache/download/example.com', name, '@v');
    await fs.mkdir(folder, { recursive: true });
    const zip = path.join(folder, 'v1.0.0.zip');
    if (await fs.stat(zip).catch(() => undefined)) continue;
    fetched += 1;
    await fs.writeFile(zip, randomBytes(200_000));
    await fs.writeFile(path.join(folder, 'v1.0.0.mod'), `module example.com/${name}\n`);
    await fs.writeFile(path.join(folder, 'v1.0.0.info'), '{"Version":"v1.0.0"}');
  }
  return fetched;
}

/** A whole job: restores, downloads what it needs, saves. */
async function run(name: string, sum: string, ...needed: string[]) {
  const job = await machine.job(name, { goSum: sum });
  const { modules, state } = await job.restore();
  const fetched = await download(job, ...needed);
  const saved = (await job.save(state)).find(({ layer }) => layer === 'modules');
  return { modules, fetched, saved };
}

describe('modules', () => {
  test('that a small job saved first are completed by a larger one', async () => {
    machine = await startMachine();
    const sum = goSum('a', 'b', 'c');
    await run('lint', sum, 'a');
    const build = await run('build', sum, 'a', 'b', 'c');
    // Nobody knows yet whether what lint saved is all that build needs.
    expect(build).toMatchObject({ modules: { outcome: 'restored', exact: false }, fetched: 2 });
    expect(build.saved).toMatchObject({ outcome: 'saved', files: 6 });
    const again = await run('build', sum, 'a', 'b', 'c');
    expect(again).toMatchObject({ modules: { outcome: 'restored', exact: true }, fetched: 0 });
    expect(again.saved).toMatchObject({ outcome: 'skipped', why: 'nothing new' });
    expect(await run('lint', sum, 'a')).toMatchObject({ modules: { exact: true }, fetched: 0 });
  });

  test('of a bumped dependency bring all others', async () => {
    machine = await startMachine();
    await run('build', goSum('a', 'b'), 'a', 'b');
    const bumped = await run('build', goSum('a', 'c'), 'a', 'c');
    expect(bumped).toMatchObject({ modules: { outcome: 'restored', exact: false }, fetched: 1 });
    expect(bumped.saved).toMatchObject({ outcome: 'saved', files: 3 });
  });

  test('of another service are left alone when hardly any is needed', async () => {
    machine = await startMachine();
    const others = Array.from({ length: 9 }, (_, index) => `other${index}`);
    await run('build', goSum('shared', ...others), 'shared', ...others);
    const before = machine.server.stats().bytesSent;
    const { fetched, modules } = await run('build', goSum('shared', 'own'), 'shared', 'own');
    expect({ fetched, outcome: modules?.outcome }).toEqual({ fetched: 2, outcome: 'present' });
    expect(machine.server.stats().bytesSent - before).toBeLessThan(20_000);
  });

  test('that a machine kept are not fetched', async () => {
    machine = await startMachine();
    const sum = goSum('a', 'b');
    await run('build', sum, 'a', 'b');
    const before = machine.server.stats().bytesSent;
    const job = await machine.job('build', { goSum: sum });
    await download(job, 'a', 'b');
    expect((await job.restore()).modules).toMatchObject({ outcome: 'present', exact: true });
    expect(machine.server.stats().bytesSent - before).toBeLessThan(20_000);
  });

  test('that are private are in no entry', async () => {
    machine = await startMachine();
    const job = await machine.job('build', {
      ...{ goSum: goSum('a', 'secret'), privatePatterns: 'example.com/secret' },
    });
    const { state } = await job.restore();
    await download(job, 'a', 'secret');
    const saved = (await job.save(state)).find(({ layer }) => layer === 'modules');
    expect(saved).toMatchObject({ outcome: 'saved', files: 3 });
  });
});
