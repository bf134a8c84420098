import { createPublicKey, verify, type KeyObject } from 'node:crypto';
import { ActionError } from '@slipway/runtime';
import { recordHash, rootThroughRecord, type ReadTile } from './tree.ts';

/** The key that the go command carries for sum.golang.org (go/src/cmd/go/internal/modfetch/key.go). */
const knownDatabases: Readonly<Record<string, string>> = {
  'sum.golang.org': 'sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8',
};

/** A checksum database: its name, where it is by itself, and the key that signs its tree. */
export interface ChecksumDatabase {
  name: string;
  url: string;
  keyId: string;
  key: KeyObject;
}

const ed25519Algorithm = 1;
const spkiPrefix = Buffer.from('302a300506032b6570032100', 'hex');

/**
 * Reads GOSUMDB: a known name, or `name+id+key`, each with a URL behind a blank if need be. Undefined
 * for `off`. Throws ActionError on anything else.
 */
export function parseChecksumDatabase(text: string): ChecksumDatabase | undefined {
  const [first = '', url] = text.trim().split(/\s+/);
  if (first === 'off') return undefined;
  const [, name = '', keyId = '', encoded = ''] =
    /^([^+]+)\+([0-9a-f]{8})\+(.+)$/.exec(knownDatabases[first] ?? first) ?? [];
  const bytes = Buffer.from(encoded, 'base64');
  if (bytes.length !== 33 || bytes[0] !== ed25519Algorithm)
    throw new ActionError(`GOSUMDB is ${JSON.stringify(text)}, which names no checksum database.`, {
      next: 'unset GOSUMDB, or give name+id+key as `go help environment` says',
    });
  const key = createPublicKey({
    key: Buffer.concat([spkiPrefix, bytes.subarray(1)]),
    format: 'der',
    type: 'spki',
  });
  return { name, url: (url ?? `https://${name}`).replace(/\/+$/, ''), keyId, key };
}

interface SignedTree {
  size: number;
  root: Buffer;
}

/** Checks the signature of a signed tree head (the note format of golang.org/x/mod/sumdb/note). */
function openSignedTree(note: string, database: ChecksumDatabase): SignedTree {
  const split = note.indexOf('\n\n');
  const text = note.slice(0, split + 1);
  const signed = note
    .slice(split + 2)
    .split('\n')
    .some((line) => {
      const [dash, name, encoded = ''] = line.split(' ');
      const signature = Buffer.from(encoded, 'base64');
      return (
        dash === '—' &&
        name === database.name &&
        signature.subarray(0, 4).toString('hex') === database.keyId &&
        verify(null, Buffer.from(text), database.key, signature.subarray(4))
      );
    });
  const [title, size = '', root = ''] = text.split('\n');
  if (split < 0 || !signed || title !== 'go.sum database tree' || !/^\d+$/.test(size))
    throw new Error(`the tree head is not signed by ${database.name}`);
  return { size: Number(size), root: Buffer.from(root, 'base64') };
}

/** A module path or version in the proxy protocol: capitals become `!` and the small letter. */
export const escapePath = (text: string): string =>
  text.replace(/[A-Z]/g, (capital) => `!${capital.toLowerCase()}`);

/**
 * The `h1:` checksum of a module's zip, proven: the record is in the tree that the database signed.
 * `read` gets paths relative to the database's root. Throws ActionError when anything does not fit.
 */
export async function provenChecksum(
  database: ChecksumDatabase,
  module: string,
  version: string,
  read: ReadTile,
): Promise<string> {
  const named = `${module}@${version}`;
  try {
    const answer = await read(`lookup/${escapePath(module)}@${escapePath(version)}`);
    if (answer === undefined) throw new Error('it has no record of it');
    const text = answer.toString();
    const [head = '', ...rest] = text.split('\n');
    if (!/^\d+$/.test(head)) throw new Error('its answer is malformed');
    const body = rest.join('\n');
    const end = body.indexOf('\n\n');
    const record = body.slice(0, end + 1);
    const tree = openSignedTree(body.slice(end + 2), database);
    const leaf = recordHash(Buffer.from(record));
    const root = await rootThroughRecord(tree.size, Number(head), leaf, read);
    if (!root.equals(tree.root)) throw new Error('its record is not in the tree that it signed');
    const line = record.split('\n').find((one) => one.startsWith(`${module} ${version} h1:`));
    const sum = line?.split(' ')[2];
    if (sum === undefined) throw new Error('its record is about something else');
    return sum;
  } catch (error) {
    throw new ActionError(`The checksum database ${database.name} does not vouch for ${named}.`, {
      title: 'Checksum not proven',
      cause: error,
    });
  }
}
