import { execFile } from 'node:child_process';
import * as fs from 'node:fs/promises';
import { createServer } from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { systemExec } from '@slipway/exec';
import { closedPort, fakeLog, listenOnAnyPort } from '@slipway/testing';
import {
  createPrivateModule,
  type PrivateModule,
} from '../../../../test/fixtures/private-module.ts';
import { downloadModules } from '../../src/access/index.ts';
import { checksumDatabase } from '../checksum-database-stand-in.ts';

jest.setTimeout(120_000);

const run = promisify(execFile);
let scratch: string;
let kit: PrivateModule;
let env: Record<string, string>;

beforeEach(async () => {
  scratch = await fs.mkdtemp(path.join(os.tmpdir(), 'slipway-download-'));
  kit = await createPrivateModule(path.join(scratch, 'kit'), 'public.example.com/kit');
  env = {
    PATH: process.env['PATH'] ?? '',
    HOME: scratch,
    // Telemetry of the go command would go on writing there.
    XDG_CONFIG_HOME: os.devNull,
    GOMODCACHE: path.join(scratch, 'modules'),
    GOPROXY: kit.proxy,
    GOSUMDB: 'off',
    GOTOOLCHAIN: 'local',
  };
  await fs.writeFile(
    path.join(scratch, 'go.mod'),
    `module example.com/m\n\ngo 1.24\n\nrequire ${kit.module} ${kit.version}\n`,
  );
});
afterEach(async () => {
  await run('go', ['clean', '-modcache'], { env });
  await fs.rm(scratch, { recursive: true, force: true });
});

const download = (verify = false): Promise<void> => {
  const log = fakeLog();
  return downloadModules(
    { exec: systemExec({ log, env }), log },
    {
      ...{ go: 'go', folder: scratch, env: {}, secrets: [], verify },
      signal: new AbortController().signal,
    },
  );
};

test('a proxy that is down is named', async () => {
  const { port, close } = await closedPort();
  env['GOPROXY'] = `http://127.0.0.1:${port}`;
  await expect(download()).rejects.toMatchObject({
    message: expect.stringContaining(`127.0.0.1:${port} does not answer`),
    next: expect.stringContaining('GOPROXY'),
  });
  await close();
});

test('a checksum database that does not vouch for a module is named', async () => {
  const server = createServer((_, response) => response.writeHead(404).end('not found'));
  const address = `127.0.0.1:${await listenOnAnyPort(server)}`;
  const { verifierKey } = checksumDatabase({
    ...{ name: 'sums.example.com', module: kit.module, version: kit.version },
    ...{ sum: 'h1:x', fillers: 1, at: 0 },
  });
  env['GOSUMDB'] = `${verifierKey} http://${address}`;
  await expect(download()).rejects.toMatchObject({
    message: expect.stringContaining(
      `the checksum database ${address} does not vouch for a module`,
    ),
    next: expect.stringContaining('private-modules'),
  });
  server.closeAllConnections();
  server.close();
});

test('a version that is not there is told', async () => {
  const empty = path.join(scratch, 'empty');
  await fs.mkdir(empty);
  env['GOPROXY'] = pathToFileURL(empty).href;
  await expect(download()).rejects.toThrow('is not there for who asks');
});

test('modules that were changed on this machine are refused when they are to be verified', async () => {
  await fs.writeFile(path.join(scratch, 'go.sum'), `${kit.sums.join('\n')}\n`);
  await download(true);
  const file = path.join(scratch, 'modules', `${kit.module}@${kit.version}`, 'kit.go');
  await fs.chmod(file, 0o644);
  await fs.appendFile(file, '// more\n');
  await expect(download()).resolves.toBeUndefined();
  await expect(download(true)).rejects.toThrow('are not what go.sum says');
});
