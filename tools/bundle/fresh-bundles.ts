import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { bundle } from './bundle.ts';
import { licenceFile } from './licences.ts';
import { readManifest, root } from '../manifest.ts';

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const file = path.join(folder, entry.name);
    if (entry.isDirectory())
      return entry.name === 'node_modules' || entry.name === 'test' ? [] : sources(file);
    return /\.(ts|json)$/.test(entry.name) ? [file] : [];
  });
}

/** One hash of all that a bundle of `name` can be made of. */
function sourceHash(name: string): string {
  const hash = createHash('sha256');
  const files = [
    path.join(root, 'package-lock.json'),
    path.join(root, 'tsconfig.json'),
    ...sources(path.join(root, 'packages')),
    ...sources(path.join(root, 'actions', name)),
  ];
  for (const file of files.sort())
    hash.update(path.relative(root, file)).update('\0').update(readFileSync(file)).update('\0');
  return hash.digest('hex');
}

/** Whether the process that holds `lock` still runs; one that was killed cannot have removed it. */
function isHeld(lock: string): boolean {
  try {
    process.kill(Number(readFileSync(lock, 'utf8')), 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Waits until no other process builds `name`, then holds its lock while `body` runs. */
async function locked(name: string, body: () => Promise<void>): Promise<void> {
  const lock = path.join(root, '.cache', `${name}.pid`);
  mkdirSync(path.dirname(lock), { recursive: true });
  for (;;) {
    try {
      writeFileSync(lock, String(process.pid), { flag: 'wx' });
      break;
    } catch {
      if (!isHeld(lock)) rmSync(lock, { force: true });
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
  }
  try {
    await body();
  } finally {
    rmSync(lock, { force: true });
  }
}

/**
 * Makes sure that dist/ holds bundles of the sources as they are now, building those that are
 * missing or stale. Safe to call from several processes at once.
 */
export async function ensureBundles(
  names: readonly string[] = readManifest().map(({ name }) => name),
  report: (line: string) => void = () => undefined,
): Promise<void> {
  for (const name of names)
    await locked(name, async () => {
      const stamp = path.join(root, '.cache', `${name}.bundle`);
      const wanted = sourceHash(name);
      const built = ['index.js', licenceFile].every((file) =>
        existsSync(path.join(root, 'dist', name, file)),
      );
      if (built && existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
      await bundle(name, path.join(root, 'dist', name));
      writeFileSync(stamp, wanted);
      report(`bundled dist/${name}`);
    });
}
