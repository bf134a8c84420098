import { mkdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Env } from '../places/cache-folder.ts';
import { runGo } from './go-build.ts';
import { madeOnce } from '../process/made-once.ts';
import { versions } from './versions.ts';

/** Helm's binaries: ready-built ones of both majors, and the newest, built when first asked for. */
export interface HelmBinaries {
  v3: string;
  v4: string;
  v3Newest: () => Promise<string>;
  v4Newest: () => Promise<string>;
}

async function buildHelm(cache: string, env: Env, major: 'v3' | 'v4'): Promise<string> {
  const version = versions.helmNewest[major];
  const final = path.join(cache, 'helm', `${version}-built`, 'helm');
  return madeOnce(final, async (partial) => {
    const folder = `${partial}.d`;
    await mkdir(folder, { recursive: true });
    try {
      const internal = `helm.sh/helm/${major}/internal/version`;
      const stamp = `-ldflags=-s -w -X ${internal}.version=v${version}`;
      const args = ['install', '-trimpath', stamp, `helm.sh/helm/${major}/cmd/helm@v${version}`];
      await runGo({ args, cwd: folder, env: { ...env, GOBIN: folder, CGO_ENABLED: '0' } });
      await rename(path.join(folder, 'helm'), partial);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
}

/** The newest Helm of one major (versions.ts), from the module proxy: minutes the first time. */
export function newestHelm(cache: string, env: Env): Pick<HelmBinaries, 'v3Newest' | 'v4Newest'> {
  return {
    v3Newest: () => buildHelm(cache, env, 'v3'),
    v4Newest: () => buildHelm(cache, env, 'v4'),
  };
}
