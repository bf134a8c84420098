import { createHash } from 'node:crypto';
import * as fs from 'node:fs/promises';
import path from 'node:path';
import { ArchiveError, readZip, type ArchivedFile } from '@slipway/archive';

/** Go 1.26 has 15,000 files of 240 MB together; a module zip may have 500 MB (golang.org/x/mod/zip). */
const limits = { entries: 100_000, bytes: 1024 ** 3 };

/** A toolchain as module proxies have it. */
export interface ModuleZip {
  file: string;
  /** Where it came from, for messages. */
  name: string;
  /** What all its names begin with: `module@version/`. */
  prefix: string;
}

const isProgram = (file: string): boolean =>
  /^(bin|pkg\/tool)\//.test(file) || /^lib\/(.*\/)?go_[^/]+_[^/]+_exec$/.test(file);

/** Go's own `_go.mod` in a toolchain zip stands for `go.mod` (go/src/cmd/go/internal/toolchain/select.go). */
const installedName = (file: string): string => file.replace(/(^|\/)_go\.mod$/, '$1go.mod');

/** Writes files below `folder`, making each of their folders once. */
function fileWriter(folder: string): (inside: string, content: Buffer) => Promise<void> {
  const made = new Map<string, Promise<unknown>>();
  return async (inside, content) => {
    const target = path.join(folder, ...installedName(inside).split('/'));
    const parent = path.dirname(target);
    const ready = made.get(parent) ?? fs.mkdir(parent, { recursive: true });
    made.set(parent, ready);
    await ready;
    await fs.writeFile(target, content, { flag: 'wx', mode: isProgram(inside) ? 0o755 : 0o644 });
  };
}

/**
 * Unpacks a toolchain's module zip into `folder` and returns the `h1:` checksum of what it held
 * (golang.org/x/mod/sumdb/dirhash). The caller uses the folder only when that is the right one.
 */
export async function unpackModuleZip(
  { file, name, prefix }: ModuleZip,
  folder: string,
  signal: AbortSignal,
): Promise<string> {
  const write = fileWriter(folder);
  const lines: { path: string; line: string }[] = [];
  const place = async (entry: ArchivedFile): Promise<void> => {
    if (!entry.path.startsWith(prefix))
      throw new ArchiveError(name, `holds ${entry.path}, which is not below ${prefix}`);
    const digest = createHash('sha256').update(entry.content).digest('hex');
    lines.push({ path: entry.path, line: `${digest}  ${entry.path}\n` });
    await write(entry.path.slice(prefix.length), entry.content);
  };
  await readZip(file, { name, limits, signal }, place);
  const sorted = lines.sort((a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path)));
  const list = createHash('sha256');
  for (const { line } of sorted) list.update(line);
  return `h1:${list.digest('base64')}`;
}
