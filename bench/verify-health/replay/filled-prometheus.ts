import { execFile, spawn } from 'node:child_process';
import { createWriteStream, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** A Prometheus on loopback that has been filled and scrapes nothing. */
export interface FilledPrometheus {
  url: string;
  version: string;
  /** Its resident memory, in megabytes. */
  megabytes(): number;
  close(): Promise<void>;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

async function untilReady(url: string): Promise<void> {
  for (let attempt = 0; attempt < 300; attempt += 1) {
    const isReady = await fetch(`${url}/-/ready`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isReady) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error(`Prometheus at ${url} is not ready after 60 s.`);
}

/** Fills blocks with `lines` of OpenMetrics by promtool and serves them. */
export async function fillPrometheus(lines: Iterable<string>): Promise<FilledPrometheus> {
  const folder = mkdtempSync(path.join(tmpdir(), 'verify-health-bench-'));
  const text = path.join(folder, 'samples.txt');
  const data = path.join(folder, 'data');
  const config = path.join(folder, 'prometheus.yml');
  await pipeline(Readable.from(lines), createWriteStream(text));
  await execute('promtool', ['tsdb', 'create-blocks-from', 'openmetrics', text, data], {
    maxBuffer: 1e8,
  });
  rmSync(text);
  writeFileSync(config, 'global: {}\n');
  const port = await freePort();
  const server = spawn(
    'prometheus',
    [
      `--config.file=${config}`,
      `--storage.tsdb.path=${data}`,
      '--storage.tsdb.retention.time=10y',
      `--web.listen-address=127.0.0.1:${port}`,
      '--log.level=error',
    ],
    { stdio: 'ignore' },
  );
  const ended = new Promise((resolve) => server.once('exit', resolve));
  const url = `http://127.0.0.1:${port}`;
  try {
    await untilReady(url);
    const info = (await (await fetch(`${url}/api/v1/status/buildinfo`)).json()) as {
      data: { version: string };
    };
    return {
      url,
      version: info.data.version,
      megabytes: () => {
        const status = readFileSync(`/proc/${server.pid ?? 0}/status`, 'utf8');
        return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024);
      },
      close: async () => {
        server.kill('SIGTERM');
        await ended;
        rmSync(folder, { recursive: true, force: true });
      },
    };
  } catch (error) {
    server.kill('SIGKILL');
    throw error;
  }
}
