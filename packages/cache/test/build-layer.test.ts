import { afterEach, describe, expect, test } from '@jest/globals';
import * as fs from 'node:fs/promises';
import path from 'node:path';
import { compile, contents, startMachine, type CacheMachine } from './cache-machine.ts';

let machine: CacheMachine;
afterEach(() => machine.close());

const some = { objects: 20, bytes: 100_000 };

describe.each([1, 2] as const)('build results, by version %i of the service', (version) => {
  test('come back as they were saved', async () => {
    machine = await startMachine({ version });
    const first = await machine.job('test');
    const { state, build } = await first.restore();
    expect(build).toMatchObject({ outcome: 'miss' });
    await compile(first.plan.buildFolder, some);
    expect(await first.save(state)).toMatchObject([{ outcome: 'saved', files: 40 }, {}]);
    const second = await machine.job('test');
    const restored = await second.restore();
    expect(restored.build).toMatchObject({ outcome: 'restored', files: 40 });
    expect(await contents(second.plan.buildFolder)).toEqual(await contents(first.plan.buildFolder));
  });

  test('are saved once: a later run sends what is new and nothing else', async () => {
    machine = await startMachine({ version });
    const first = await machine.job('test');
    const { state } = await first.restore();
    const paths = await compile(first.plan.buildFolder, some);
    await first.save(state);
    const before = machine.server.stats().bytesReceived;
    const second = await machine.job('test');
    const restored = await second.restore();
    await touch(second.plan.buildFolder, paths);
    await compile(second.plan.buildFolder, { objects: 2, bytes: 50_000 });
    const [report] = await second.save(restored.state);
    expect(report).toMatchObject({ outcome: 'saved', files: 4 });
    expect(machine.server.stats().bytesReceived - before).toBeLessThan(200_000);
    const third = await machine.job('test');
    expect((await third.restore()).build).toMatchObject({ outcome: 'restored', files: 44 });
  });
});

/** As the go command marks what it uses. */
async function touch(folder: string, paths: readonly string[]): Promise<void> {
  const now = new Date();
  for (const file of paths) await fs.utimes(path.join(folder, file), now, now);
}
