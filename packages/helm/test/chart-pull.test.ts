import * as fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { ExecError } from '@slipway/exec';
import { fakeClock, fakeLog } from '@slipway/testing';
import { rawTarGz } from '../../archive/test/archive-corpus.ts';
import { pullChart } from '../src/chart/chart-pull.ts';
import type { HelmRunner } from '../src/tool/index.ts';

let folder: string;
beforeEach(async () => {
  folder = await fs.mkdtemp(path.join(os.tmpdir(), 'chart-pull-'));
});
afterEach(() => fs.rm(folder, { recursive: true, force: true }));

const archive = (version: string): Uint8Array =>
  rawTarGz([{ name: 'api/Chart.yaml', text: `apiVersion: v2\nname: api\nversion: ${version}\n` }]);

/**
 * A Helm at a server that first names an unsigned archive and then the signed one. As Helm does, it leaves
 * the archive behind that it could not verify; its message quotes the address, whose words are the server's.
 */
function helmAtHostileServer(): HelmRunner {
  let attempts = 0;
  return {
    tool: { path: 'helm', version: '4.2.3', major: 4 },
    driver: 'secret',
    run: async (args) => {
      const done = { exitCode: 0, stdout: '', stderr: '', durationMs: 0 };
      if (args[0] !== 'pull') return done;
      const target = args[args.indexOf('--destination') + 1] ?? '';
      attempts += 1;
      if (attempts > 1) {
        await fs.writeFile(path.join(target, 'signed.tgz'), archive('1.0.0'));
        return done;
      }
      await fs.writeFile(path.join(target, 'evil.tgz'), archive('6.6.6'));
      const stderr =
        'Error: failed to fetch provenance "https://example.com/ServiceUnavailable/evil.tgz.prov"';
      throw new ExecError('helm pull failed', { file: 'helm', exitCode: 1, stderr });
    },
  };
}

test('an archive that an attempt left without a valid signature is never taken for a later one', async () => {
  const clock = fakeClock();
  const pulled = await pullChart(
    {
      helm: helmAtHostileServer(),
      clock,
      log: fakeLog(),
      signal: new AbortController().signal,
    },
    { kind: 'repository', url: 'https://example.com', name: 'api', version: '' },
    {
      access: {
        repository: undefined,
        passCredentials: false,
        caFile: undefined,
        keyring: '/keys.gpg',
      },
      folder,
      attempts: 3,
      timeoutMs: 60_000,
    },
  );
  expect(pulled).toMatchObject({ version: '1.0.0' });
  expect(await fs.readdir(path.join(folder, 'pulled'))).toEqual(['signed.tgz']);
});
