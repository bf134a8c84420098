import * as fs from 'node:fs/promises';
import path from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { CacheServerOptions } from '../../../test/lab/cache-service/index.ts';
import { compile, contents, startMachine, type CacheMachine } from './cache-machine.ts';

let machine: CacheMachine;
afterEach(() => machine.close());

/** Under this domain, where GitHub keeps blobs, @actions/cache reads with Azure's client. */
const blobHost = 'slipway.blob.core.windows.net';

/** A service whose blobs have GitHub's kind of address; only the processes of the jobs know where it leads. */
async function startBlobMachine(options: CacheServerOptions = {}): Promise<void> {
  machine = await startMachine({ ...options, blobHost });
  const file = path.join(machine.scratch, 'names.cjs');
  await fs.writeFile(
    file,
    `const dns = require('node:dns'); const real = dns.lookup;
dns.lookup = (name, ...rest) => real(name === '${blobHost}' ? '127.0.0.1' : name, ...rest);\n`,
  );
  machine.env['NODE_OPTIONS'] = `--require ${file}`;
}

describe("with Azure's client, build results", () => {
  test('come back as they were saved', async () => {
    await startBlobMachine();
    const first = await machine.job('test');
    const { state } = await first.restore();
    await compile(first.plan.buildFolder, { objects: 12, bytes: 1_000_000 });
    expect((await first.save(state))[0]).toMatchObject({ outcome: 'saved' });
    const next = await machine.job('test');
    expect((await next.restore()).build).toMatchObject({ outcome: 'restored', files: 24 });
    expect(await contents(next.plan.buildFolder)).toEqual(await contents(first.plan.buildFolder));
  });

  test('are given up over a link that crawls, from what arrives of them', async () => {
    await startBlobMachine({ downloadBytesPerSecond: 300_000 });
    const first = await machine.job('test');
    const { state } = await first.restore();
    const objects = { objects: 10, bytes: 1_000_000, tookMs: 10_000 };
    await compile(first.plan.buildFolder, objects);
    expect((await first.save(state))[0]).toMatchObject({ outcome: 'saved' });
    const { build } = await (await machine.job('test')).restore();
    expect(build).toMatchObject({ outcome: 'abandoned', files: 0 });
    expect(build?.why).toMatch(/would take about \d+ s at this speed/);
  });
});
