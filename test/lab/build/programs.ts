import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Env } from '../places/cache-folder.ts';
import { runGo } from './go-build.ts';
import { madeOnce } from '../process/made-once.ts';

const source = path.join(import.meta.dirname, '..', 'programs');

/** The lab's own small programs, built from `programs/`. */
export interface Programs {
  certificates: string;
  hello: string;
  pause: string;
  registry: string;
  services: string;
}

/** A name for what a Go module's files hold: changed sources are built anew, beside the old. */
export async function sourceDigest(folder: string): Promise<string> {
  const hash = createHash('sha256');
  const names = (await readdir(folder, { recursive: true }))
    .filter((name) => /\.(go|mod|sum)$/.test(name))
    .sort();
  for (const name of names)
    hash
      .update(name)
      .update('\0')
      .update(await readFile(path.join(folder, name)));
  return hash.digest('hex').slice(0, 12);
}

/** Builds the programs (seconds) or finds them built, static so that `pause` runs in an empty image. */
export async function buildPrograms(cache: string, env: Env): Promise<Programs> {
  const digest = await sourceDigest(source);
  const folder = await madeOnce(path.join(cache, 'programs', digest), async (partial) => {
    await runGo({
      args: [
        'build',
        '-trimpath',
        '-buildvcs=false',
        '-ldflags=-s -w',
        '-o',
        `${partial}/`,
        './...',
      ],
      cwd: source,
      env: { ...env, CGO_ENABLED: '0' },
    });
  });
  return {
    certificates: path.join(folder, 'certificates'),
    hello: path.join(folder, 'hello'),
    pause: path.join(folder, 'pause'),
    registry: path.join(folder, 'registry'),
    services: path.join(folder, 'services'),
  };
}
