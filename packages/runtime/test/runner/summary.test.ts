import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { fakeLog } from '@slipway/testing';
import { createMasker, escapeHtml, escapeSummary } from '../../src/index.ts';
import { runnerSummary } from '../../src/runner/summary.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'slipway-summary-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function summary(name: string) {
  const [file, log, masker] = [path.join(folder, name), fakeLog(), createMasker(() => undefined)];
  return { file, log, masker, ...runnerSummary(file, log, masker) };
}

describe('the step summary', () => {
  test('is added to what is there', async () => {
    const { file, append } = summary('appended');
    await append('# One\n');
    await append('# Two');
    expect(await readFile(file, 'utf8')).toBe('# One\n\n# Two\n\n');
  });

  test('does not show a secret', async () => {
    const { file, append, masker } = summary('secret');
    const secret = 'gh_<hunter&2>|"1"';
    masker.mask(secret);
    const base64 = Buffer.from(secret).toString('base64');
    for (const text of [secret, base64])
      await append(`${text} ${escapeSummary(text)} ${escapeHtml(text)}`);
    const written = (await readFile(file, 'utf8')).replaceAll('=', '');
    expect(written).toBe('*** *** ***\n\n*** *** ***\n\n');
  });

  test('stays under what the runner takes, says that something is missing, and closes what is open', async () => {
    const { file, append } = summary('long');
    await writeFile(file, 'x'.repeat(500_000));
    await append(
      `# Log\n\n<details><summary>Log</summary>\n\n<pre>\n${'größe\n'.repeat(200_000)}</pre>\n\n</details>`,
    );
    const text = await readFile(file, 'utf8');
    expect(Buffer.byteLength(text)).toBeLessThan(1_000_000);
    expect(text).toMatch(/größe<\/pre>\n<\/details>\n\n\(The rest was left out/);
    expect(text).not.toContain('\ufffd');
  });

  test('that is full stays as it is', async () => {
    const { file, append, log } = summary('full');
    await writeFile(file, 'x'.repeat(1_000_000));
    await append('more');
    expect([(await readFile(file)).length, log.text()]).toEqual([
      1_000_000,
      'debug: The step summary is full; nothing was added to it.',
    ]);
  });

  test.each([undefined, '', '/no/such/folder/file'])(
    'in %j is a debug line, not an error',
    async (file) => {
      const log = fakeLog();
      await runnerSummary(file, log).append('# One');
      expect(log.lines.map(({ level }) => level)).toEqual(['debug']);
    },
  );
});
