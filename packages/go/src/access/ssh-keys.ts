import { InputError } from '@slipway/runtime';
import { parseAccessPlace, type AccessPlace } from './access-place.ts';

/** A private key, and where it is good for. */
export interface SshKey {
  places: readonly AccessPlace[];
  /** As in a file, with a line end. */
  pem: string;
}

const begin = /^-----BEGIN ((?:[A-Z0-9]+ )*PRIVATE KEY)-----$/;

/** OpenSSH's own form names its cipher; the others say ENCRYPTED. */
function isEncrypted(pem: string): boolean {
  if (pem.includes('ENCRYPTED')) return true;
  if (!pem.includes('BEGIN OPENSSH PRIVATE KEY')) return false;
  const body = Buffer.from(pem.replace(/-----[^-]+-----|\s/g, ''), 'base64');
  const magic = 'openssh-key-v1\0';
  if (body.subarray(0, magic.length).toString('latin1') !== magic) return false;
  const length = body.readUInt32BE(magic.length);
  return body.subarray(magic.length + 4, magic.length + 4 + length).toString() !== 'none';
}

/**
 * Reads `private-ssh-key`: one private key for all `places`, or several, each below a line `HOST[/OWNER]`. Throws
 * InputError, which quotes nothing of a key.
 */
export function readSshKeys(text: string, places: readonly AccessPlace[]): readonly SshKey[] {
  const keys: SshKey[] = [];
  let named: AccessPlace[] = [];
  let open: { end: string; lines: string[] } | undefined;
  for (const line of text.split(/\r?\n/).map((each) => each.trim())) {
    const kind = begin.exec(line)?.[1];
    if (open !== undefined) {
      open.lines.push(line);
      if (line !== open.end) continue;
      const pem = `${open.lines.join('\n')}\n`;
      if (isEncrypted(pem))
        throw new InputError('a key has a passphrase, for which nobody can be asked here.');
      keys.push({ places: named.length === 0 ? places : named, pem });
      [named, open] = [[], undefined];
    } else if (kind !== undefined) open = { end: `-----END ${kind}-----`, lines: [line] };
    else if (line !== '') {
      const place = parseAccessPlace(line);
      if (place === undefined)
        throw new InputError(
          'there is a line that is neither a private key (-----BEGIN … PRIVATE KEY-----) nor the HOST[/OWNER] that one is for.',
        );
      named = [...named, place];
    }
  }
  if (open !== undefined) throw new InputError('a private key has no end.');
  if (keys.some((key) => key.places.length === 0))
    throw new InputError(
      'a key is for the hosts of private-modules, which names none. Expected private-modules, or a line HOST[/OWNER] above the key.',
    );
  if (text.trim() !== '' && keys.length === 0)
    throw new InputError('there is no private key in it.');
  return keys;
}
