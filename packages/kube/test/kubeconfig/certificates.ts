import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** PEM texts: an authority, a server certificate for service.test and 127.0.0.1, and two of clients. */
export interface Certificates {
  ca: string;
  server: { cert: string; key: string };
  /** Its subject is `ci`. */
  client: { cert: string; key: string };
  /** Its subject is `plugin`. */
  plugin: { cert: string; key: string };
}

/** Makes certificates for one run of the tests with openssl. */
export function makeCertificates(): Certificates {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'slipway-kubeconfig-tls-'));
  const openssl = (...args: string[]): void => {
    execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
  };
  const read = (name: string): string => readFileSync(path.join(folder, name), 'utf8');
  const ec = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const issue = (name: string, subject: string): { cert: string; key: string } => {
    openssl('req', ...ec, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', subject);
    openssl(
      ...['x509', '-req', '-in', `${name}.csr`, '-CA', 'ca.pem', '-CAkey', 'ca.key'],
      ...['-CAcreateserial', '-extfile', 'names', '-out', `${name}.pem`],
    );
    return { cert: read(`${name}.pem`), key: read(`${name}.key`) };
  };
  try {
    openssl('req', '-x509', ...ec, '-keyout', 'ca.key', '-out', 'ca.pem', '-subj', '/CN=Test CA');
    writeFileSync(path.join(folder, 'names'), 'subjectAltName=DNS:service.test,IP:127.0.0.1\n');
    return {
      ca: read('ca.pem'),
      server: issue('server', '/CN=service.test'),
      client: issue('client', '/CN=ci'),
      plugin: issue('plugin', '/CN=plugin'),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
