import { createHash } from 'node:crypto';
import { archive } from '@slipway/archive';

/** A module's zip as a proxy has it. */
export function moduleZip(files: Readonly<Record<string, string>>): Promise<Buffer> {
  const entries = Object.entries(files).map(([path, text]) => ({
    path,
    content: Buffer.from(text),
    mode: 0o644,
  }));
  return archive(entries, { format: 'zip', mtimeSeconds: 0 });
}

/** The `h1:` checksum of those files. */
export function checksumOf(files: Readonly<Record<string, string>>): string {
  const list = Object.entries(files)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, text]) => `${createHash('sha256').update(text).digest('hex')}  ${name}\n`)
    .join('');
  return `h1:${createHash('sha256').update(list).digest('base64')}`;
}
