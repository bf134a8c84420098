import { createHash } from 'node:crypto';

/** One file of a pack. */
export interface PackedFile {
  /** Relative to the layer's folder, with slashes. */
  path: string;
  /** SHA-256 in hexadecimal, taken by the job that made the file; also its name in the entry. */
  sha256: string;
  bytes: number;
  /** The content itself in base64, of a file so small that a file of its own in the entry costs more. */
  inline?: string;
}

/** Files up to this size lie in the index: half of a build cache are results of 150 bytes or so. */
export const largestInlineBytes = 1024;

/** Where an entry's index lies: by its key, since the files of several entries arrive in one folder. */
export const indexName = (key: string): string =>
  `${createHash('sha256').update(key).digest('hex').slice(0, 32)}.json`;

function isPackedFile(value: unknown): value is PackedFile {
  const { path, sha256, bytes, inline } = value as Partial<PackedFile>;
  return (
    typeof path === 'string' &&
    typeof sha256 === 'string' &&
    /^[0-9a-f]{64}$/.test(sha256) &&
    Number.isSafeInteger(bytes) &&
    (inline === undefined || typeof inline === 'string')
  );
}

/** The files that the index of a pack names. Throws when the text is no index. */
export function readPackIndex(text: string): PackedFile[] {
  const { files } = JSON.parse(text) as { files?: unknown };
  if (!Array.isArray(files) || !files.every(isPackedFile))
    throw new Error('the index of a pack is damaged');
  return files;
}

/**
 * The text of an index; equal files give an equal text, in whatever order they come. A `nonce` makes it unlike any
 * other: nobody can write the entry of a key a second time.
 */
export function packIndex(files: readonly PackedFile[], nonce?: string): string {
  const sorted = [...files].sort((a, b) => (a.path < b.path ? -1 : 1));
  return JSON.stringify({ files: sorted, nonce });
}
