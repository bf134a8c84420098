import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer, type RequestListener, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';

/** A chart repository on loopback, of the files in a folder. */
export interface ChartRepository {
  url: string;
  /** PEM of the authority that its certificate is from. */
  ca: string;
  /** Paths that were asked for and given, in order. */
  given: readonly string[];
  /** The next requests are answered by this status, each once. */
  failNext: (...statuses: number[]) => void;
  close: () => void;
}

function makeCertificate(): { ca: string; cert: string; key: string } {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'chart-repository-'));
  const openssl = (...args: string[]): void => {
    execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
  };
  const read = (name: string): string => readFileSync(path.join(folder, name), 'utf8');
  const ec = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  try {
    openssl('req', '-x509', ...ec, '-keyout', 'ca.key', '-out', 'ca.pem', '-subj', '/CN=Test CA');
    openssl('req', ...ec, '-keyout', 'key.pem', '-out', 'request', '-subj', '/CN=charts');
    writeFileSync(path.join(folder, 'names'), 'subjectAltName=IP:127.0.0.1\n');
    const authority = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial'];
    openssl(
      'x509',
      '-req',
      '-in',
      'request',
      ...authority,
      '-extfile',
      'names',
      '-out',
      'cert.pem',
    );
    return { ca: read('ca.pem'), cert: read('cert.pem'), key: read('key.pem') };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Serves the files of `folder`; with `login` (`user:password`) to nobody else, with `tls` by HTTPS. */
export async function serveCharts(
  folder: string,
  options: { login?: string; tls?: boolean } = {},
): Promise<ChartRepository> {
  const { login, tls = false } = options;
  const failures: number[] = [];
  const given: string[] = [];
  const wanted = login === undefined ? undefined : `Basic ${Buffer.from(login).toString('base64')}`;
  const answer: RequestListener = ({ url = '/', headers }, response) => {
    const failure = failures.shift();
    const mayRead = wanted === undefined || headers.authorization === wanted;
    try {
      response.statusCode = failure ?? (mayRead ? 200 : 401);
      const file = path.join(folder, path.posix.normalize(url));
      response.end(response.statusCode === 200 ? readFileSync(file) : 'no');
      if (response.statusCode === 200) given.push(url);
    } catch {
      response.statusCode = 404;
      response.end();
    }
  };
  const certificate = tls ? makeCertificate() : undefined;
  const server: Server =
    certificate === undefined
      ? createHttpServer(answer)
      : createHttpsServer({ cert: certificate.cert, key: certificate.key }, answer);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `${tls ? 'https' : 'http'}://127.0.0.1:${port}`,
    ca: certificate?.ca ?? '',
    given,
    failNext: (...statuses) => void failures.push(...statuses),
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
