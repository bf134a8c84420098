import * as fs from 'node:fs/promises';
import type { TlsOptions } from '@slipway/http';
import { InputError } from '@slipway/runtime';
import { data, fileName, flag, text, type Entry } from './fields.ts';

/** A PEM text from `<name>-data` or from the file `<name>`. kubectl refuses both at once, so do we. */
async function pem(entry: Entry, name: string): Promise<string | undefined> {
  const given = data(entry, `${name}-data`);
  if (given !== undefined && text(entry, name) !== undefined)
    throw new InputError(`${entry.where} has both ${name} and ${name}-data.`, {
      next: 'Remove one of them.',
    });
  const file = fileName(entry, name);
  if (given !== undefined || file === undefined) return given;
  return await fs.readFile(file, 'utf8').catch((cause: unknown) => {
    throw new InputError(`${entry.where}: ${name} could not be read from ${file}.`, { cause });
  });
}

/**
 * Whom to trust, and the certificate to show. As in client-go a key without a certificate is passed
 * over. Throws InputError for what kubectl would refuse.
 */
export async function tlsOfContext(cluster: Entry, user: Entry): Promise<TlsOptions> {
  const [ca, cert] = await Promise.all([
    pem(cluster, 'certificate-authority'),
    pem(user, 'client-certificate'),
  ]);
  const key = cert === undefined ? undefined : await pem(user, 'client-key');
  if (cert !== undefined && key === undefined)
    throw new InputError(`${user.where} has a client certificate without a key.`);
  const insecureSkipVerify = flag(cluster, 'insecure-skip-tls-verify');
  if (insecureSkipVerify && ca !== undefined)
    throw new InputError(
      `${cluster.where} names a certificate authority, and insecure-skip-tls-verify beside it.`,
      { next: 'Remove insecure-skip-tls-verify; the authority is what makes the server known.' },
    );
  const serverName = text(cluster, 'tls-server-name');
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(serverName === undefined ? {} : { serverName }),
    ...(insecureSkipVerify ? { insecureSkipVerify } : {}),
  };
}
