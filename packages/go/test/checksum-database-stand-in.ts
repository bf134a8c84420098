import { createHash, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';

const sha256 = (...parts: Buffer[]): Buffer => {
  const hash = createHash('sha256');
  parts.forEach((part) => hash.update(part));
  return hash.digest();
};

/** A checksum database with a key of its own, which answers as the real one does. */
export interface ChecksumDatabaseStandIn {
  /** For GOSUMDB. */
  verifierKey: string;
  /** By path below the database's root; undefined is a 404. */
  read(path: string): Buffer | undefined;
}

/** A database of `fillers` made-up records with `record` as number `at` among them. */
export function checksumDatabase(options: {
  name: string;
  module: string;
  version: string;
  sum: string;
  fillers: number;
  at: number;
  /** Leaves the record out of the tree, but not out of the answer. */
  forged?: boolean;
  signingKey?: KeyObject;
}): ChecksumDatabaseStandIn {
  const { name, module, version, sum, at } = options;
  const keys = generateKeyPairSync('ed25519');
  const raw = keys.publicKey.export({ format: 'der', type: 'spki' }).subarray(-32);
  const encoded = Buffer.concat([Buffer.of(1), raw]);
  const keyId = sha256(Buffer.from(`${name}\n`), encoded).subarray(0, 4);
  const record = `${module} ${version} ${sum}\n${module} ${version}/go.mod h1:${'A'.repeat(43)}=\n`;
  const leaves = Array.from({ length: options.fillers + 1 }, (_, index) =>
    sha256(
      Buffer.of(0),
      Buffer.from(index === at && options.forged !== true ? record : `m${index} v1.0.0 h1:x\n`),
    ),
  );
  const levels: Buffer[][] = [leaves];
  for (let row = leaves; row.length > 1;) {
    row = row.flatMap((hash, i) => {
      const right = row[i + 1];
      return i % 2 === 0 && right !== undefined ? [sha256(Buffer.of(1), hash, right)] : [];
    });
    levels.push(row);
  }
  // The complete subtrees from left to right, joined from the right (RFC 6962, section 2.1).
  const subtrees = levels.flatMap((row) => (row.length % 2 === 1 ? row.slice(-1) : [])).reverse();
  const root = subtrees.reduceRight((right, left) => sha256(Buffer.of(1), left, right));
  const text = `go.sum database tree\n${leaves.length}\n${root.toString('base64')}\n`;
  const signature = sign(null, Buffer.from(text), options.signingKey ?? keys.privateKey);
  const note = `${text}\n— ${name} ${Buffer.concat([keyId, signature]).toString('base64')}\n`;
  return {
    verifierKey: `${name}+${keyId.toString('hex')}+${encoded.toString('base64')}`,
    read: (path) => {
      if (path === 'supported') return Buffer.alloc(0);
      if (path === `lookup/${module}@${version}`) return Buffer.from(`${at}\n${record}\n${note}`);
      const tile = /^tile\/8\/(\d+)\/((?:x\d{3}\/)*\d{3})(?:\.p\/(\d+))?$/.exec(path);
      if (tile === null) return undefined;
      const hashes = levels[Number(tile[1]) * 8] ?? [];
      const index = Number((tile[2] ?? '').replace(/[x/]/g, ''));
      const row = hashes.slice(index * 256, index * 256 + Number(tile[3] ?? 256));
      return row.length === Number(tile[3] ?? 256) ? Buffer.concat(row) : undefined;
    },
  };
}
