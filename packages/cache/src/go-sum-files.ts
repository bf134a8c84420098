import * as fs from 'node:fs/promises';
import path from 'node:path';
import { findFiles } from '@slipway/glob';

const maxDepth = 8;
const maxFileBytes = 16 * 1024 * 1024;
const skipped = new Set(['node_modules', 'vendor', 'testdata']);
/** Also go.work.sum, and go.tool.sum as beside the go.tool.mod of `go tool -modfile`. */
const sumName = /^go(?:\.[\w-]+)?\.sum$/;
const modName = /^go(?:\.[\w-]+)?\.mod$/;

/** One file that decides which modules are cached. */
export interface GoSumFile {
  /** Absolute. */
  file: string;
  /** Relative to the workspace, with slashes. */
  name: string;
  text: string;
}

async function walk(folder: string, depth: number, found: string[]): Promise<void> {
  const entries = await fs.readdir(folder, { withFileTypes: true }).catch(() => []);
  for (const entry of entries) {
    const file = path.join(folder, entry.name);
    if (entry.isFile() && sumName.test(entry.name)) found.push(file);
    const hidden = entry.name.startsWith('.') || entry.name.startsWith('_');
    if (entry.isDirectory() && !hidden && !skipped.has(entry.name) && depth < maxDepth)
      await walk(file, depth + 1, found);
  }
}

async function matching(workspace: string, patterns: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const { file, byFolder } of await findFiles(workspace, patterns)) {
    const name = path.basename(file);
    if (!byFolder || sumName.test(name)) found.push(file);
    // go.mod alone tells no checksums.
    if (!byFolder && modName.test(name)) found.push(file.replace(/mod$/, 'sum'));
  }
  return found;
}

/** Those of `patterns` that name no file: most likely a mistake. */
export async function emptyPatterns(
  workspace: string,
  patterns: readonly string[],
): Promise<string[]> {
  const empty: string[] = [];
  for (const pattern of patterns.filter((one) => !one.startsWith('!')))
    if ((await findFiles(workspace, [pattern])).length === 0) empty.push(pattern);
  return empty;
}

/**
 * The go.sum files of a checkout, or those that `patterns` name below the workspace: globs of files of
 * any name, and of folders, which stand for the go.sum files in them. Sorted; unreadable, outside and
 * oversized ones are left out. Throws an InputError for a glob made to be slow.
 */
export async function findGoSumFiles(
  workspace: string,
  patterns: readonly string[],
): Promise<GoSumFile[]> {
  let names: string[] = [];
  if (patterns.length > 0) names = await matching(workspace, patterns);
  else await walk(workspace, 0, names);
  const files: GoSumFile[] = [];
  for (const file of [...new Set(names)].sort()) {
    const stat = await fs.lstat(file).catch(() => undefined);
    if (stat?.isFile() !== true || stat.size > maxFileBytes) continue;
    const name = path.relative(workspace, file).replaceAll('\\', '/');
    files.push({ file, name, text: await fs.readFile(file, 'utf8') });
  }
  return files;
}
