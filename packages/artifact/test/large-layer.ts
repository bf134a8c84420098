import { execFile } from 'node:child_process';
import { truncateSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { node24 } from '@slipway/testing';

/** A file of `bytes` zeros in `folder` that takes no room on the disk. */
export function sparseFile(folder: string, bytes: number): string {
  const file = path.join(folder, 'sparse');
  writeFileSync(file, '');
  truncateSync(file, bytes);
  return file;
}

/** The text for `import` of a package's source. */
export const source = (name: string): string =>
  JSON.stringify(pathToFileURL(path.resolve(import.meta.dirname, '..', '..', name)).href);

/**
 * Runs a script in a process of its own; the most memory that it held, in MiB. On Linux the kernel's word for this
 * memory: `maxRSS` of a process begins at what its parent held when it started it.
 */
export async function peakOf(script: string): Promise<number> {
  const text = `${script}
    const { readFileSync } = await import('node:fs');
    const peak = process.platform === 'linux'
      ? /VmHWM:\\s*(\\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'))[1]
      : process.resourceUsage().maxRSS;
    process.stdout.write(String(peak));`;
  const args = ['--no-warnings', '--input-type=module', '-e', text];
  const { stdout } = await promisify(execFile)(node24(), args);
  return Number(stdout) / 1024;
}

/**
 * Uploads `file` in a process of its own to a registry that counts what it is sent and keeps nothing.
 * Gives the lengths of the bodies of its PUT requests, and the most memory that it held, in MiB.
 */
export async function uploadMeasured(file: string): Promise<{ bodies: number[]; peak: number }> {
  const bodies: number[] = [];
  const server = createServer((request, response) => {
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
    });
    request.on('end', () => {
      if (request.method === 'PUT') bodies.push(bytes);
      const status = { HEAD: 404, POST: 202 }[request.method ?? ''] ?? 201;
      response.writeHead(status, { location: '/v2/acme/api/blobs/uploads/1' }).end();
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    const peak = await peakOf(`
      import { openAsBlob } from 'node:fs';
      import { createRegistryClient, parseImageName } from ${source('artifact/src/index.ts')};
      import { createHttpClient } from ${source('http/src/index.ts')};
      import { systemClock } from ${source('runtime/src/index.ts')};
      const http = createHttpClient({ env: {} });
      const client = createRegistryClient({
        name: parseImageName('${host}/acme/api'),
        credentials: undefined,
        fetch: http.fetch,
        clock: systemClock,
        signal: new AbortController().signal,
        maskSecret: () => undefined,
      });
      const content = await openAsBlob(${JSON.stringify(file)});
      await client.ensureBlob({ digest: 'sha256:${'0'.repeat(64)}', content });
      await http.close();`);
    return { bodies, peak };
  } finally {
    server.closeAllConnections();
    await new Promise<void>((done) => server.close(() => done()));
  }
}
