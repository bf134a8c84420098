import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { archive, readZip, type ArchiveLimits } from '../src/index.ts';
import { pythonZip, type RawEntry } from './archive-corpus.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'slipway-zip-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const roomy: ArchiveLimits = { entries: 100, bytes: 1_000_000 };

const zipOf = (entries: readonly RawEntry[]): Promise<Buffer> =>
  archive(
    entries.map(({ name, text = '' }) => ({ path: name, content: Buffer.from(text), mode: 0o644 })),
    { format: 'zip', mtimeSeconds: 0 },
  );

function inFile(bytes: Buffer): string {
  const file = path.join(folder, 'x.zip');
  writeFileSync(file, bytes);
  return file;
}

describe('a zip', () => {
  test('is visited as often at the same time as is asked for, and not after a failure', async () => {
    const entries = Array.from({ length: 20 }, (_, index) => ({ name: `f${index}`, text: 'x' }));
    const file = inFile(await zipOf(entries));
    let open = 0;
    let most = 0;
    let visits = 0;
    let threeAreOpen: () => void;
    const three = new Promise<void>((resolve) => {
      threeAreOpen = resolve;
    });
    const reading = readZip(file, { limits: roomy, atOnce: 3 }, async () => {
      visits += 1;
      const visit = visits;
      open += 1;
      most = Math.max(most, open);
      if (open === 3) threeAreOpen();
      await three;
      // Room for a fourth, were it let in.
      await new Promise((resolve) => setTimeout(resolve, 5));
      open -= 1;
      if (visit === 6) throw new Error('no space left');
    });
    await expect(reading).rejects.toThrow('no space left');
    expect(most).toBe(3);
    expect(open).toBe(0);
    expect(visits).toBeLessThan(12);
  });

  test('is left when the job is cancelled', async () => {
    const file = inFile(await zipOf([{ name: 'a' }, { name: 'b' }]));
    const cancel = new AbortController();
    const reading = readZip(file, { limits: roomy, atOnce: 1, signal: cancel.signal }, () => {
      cancel.abort(new Error('the job was cancelled'));
      return Promise.resolve();
    });
    await expect(reading).rejects.toThrow('the job was cancelled');
  });

  test('checks all names before the first file is unpacked', async () => {
    const file = inFile(await zipOf([{ name: 'a' }, { name: '../evil' }]));
    const visited: string[] = [];
    await expect(
      readZip(file, { limits: roomy }, (each) => {
        visited.push(each.path);
        return Promise.resolve();
      }),
    ).rejects.toThrow(/x\.zip .*evil/);
    expect(visited).toEqual([]);
  });

  test('with one name twice is refused before the first file is unpacked', async () => {
    const file = inFile(
      pythonZip([
        { name: 'a', text: 'one' },
        { name: 'a', text: 'two' },
      ]),
    );
    const visit = jest.fn(() => Promise.resolve());
    await expect(readZip(file, { name: 'x.zip', limits: roomy }, visit)).rejects.toThrow(
      'x.zip holds "a" twice.',
    );
    expect(visit).not.toHaveBeenCalled();
  });

  test.each([0, 1])('whose end counts %d of its two entries is refused', async (counted) => {
    const bytes = await zipOf([{ name: 'a' }, { name: 'b' }]);
    bytes.writeUInt16LE(counted, bytes.length - 22 + 10);
    await expect(
      readZip(inFile(bytes), { name: 'x.zip', limits: roomy }, () => Promise.resolve()),
    ).rejects.toThrow('x.zip is damaged: its directory has more entries than it counts.');
  });

  test('is read one file at a time when it is asked for none', async () => {
    const file = inFile(await zipOf([{ name: 'a' }, { name: 'b' }]));
    const visited: string[] = [];
    await readZip(file, { limits: roomy, atOnce: 0 }, (each) => {
      visited.push(each.path);
      return Promise.resolve();
    });
    expect(visited).toEqual(['a', 'b']);
  });

  test('without files is left as well when the job is cancelled', async () => {
    const file = inFile(await zipOf([]));
    const signal = AbortSignal.abort(new Error('the job was cancelled'));
    const reading = readZip(file, { limits: roomy, signal }, () => Promise.resolve());
    await expect(reading).rejects.toThrow('the job was cancelled');
  });
});
