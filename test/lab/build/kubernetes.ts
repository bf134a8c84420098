import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createHttpClient } from '@slipway/http';
import { errorMessage } from '@slipway/runtime';
import type { BuildProgress } from './build-progress.ts';
import type { Env } from '../places/cache-folder.ts';
import { requireDisk } from '../machine/disk.ts';
import { buildKubernetes } from './kubernetes-build.ts';
import { kubernetesParts, type KubernetesPrograms } from './kubernetes-part.ts';
import { downloadRelease, findRelease, officialSite } from './kubernetes-release.ts';
import { madeOnce } from '../process/made-once.ts';
import { sourceDigest } from './programs.ts';
import { versions } from './versions.ts';

/** Kubernetes in the making. */
export interface KubernetesBuild {
  /** Settles with the programs once they are there. */
  done: Promise<KubernetesPrograms>;
  /** How far it is, at any time. */
  progress: () => BuildProgress;
}

/** What to make and where. `warn` hears why the official release was not taken though it was offered. */
export interface KubernetesOptions {
  cache: string;
  env: Env;
  warn: (message: string) => void;
}

const source = path.join(import.meta.dirname, '..', 'kubernetes');
/** Measured: 2.9 GB of build cache and 0.7 GB of modules. */
const buildBytes = 4.5e9;
const releaseBytes = 0.5e9;

const paceWindowMs = 60_000;

function programsIn(folder: string): KubernetesPrograms {
  const together = path.join(folder, 'kubernetes');
  if (existsSync(together)) return (part) => ({ file: together, args: [part] });
  return (part) => ({ file: path.join(folder, part), args: [] });
}

/**
 * Makes Kubernetes, or finds it made: the official release where its site answers within two
 * seconds (SLIPWAY_KUBERNETES_URL names another site), else a build from the module proxy. Returns
 * at once; do all that needs no cluster meanwhile. Processes that ask together share one build.
 */
export function startKubernetesBuild(options: KubernetesOptions): KubernetesBuild {
  let current: BuildProgress = { phase: 'asking', done: 0, total: 0, elapsedMs: 0 };
  let phaseBegan = performance.now();
  let marks: { at: number; done: number }[] = [];
  let told = 0;
  const base = path.join(options.cache, 'kubernetes');
  const progressFile = path.join(base, 'progress.json');
  const tell = (phase: BuildProgress['phase'], done = 0, total = 0): void => {
    const now = performance.now();
    if (phase !== current.phase) [phaseBegan, marks] = [now, []];
    current = { phase, done, total, elapsedMs: now - phaseBegan };
    if (phase === 'compiling') {
      marks = [...marks.filter(({ at }) => now - at <= paceWindowMs), { at: now, done }];
      const [oldest] = marks;
      // A few seconds say little: packages differ in size by three orders of magnitude.
      if (oldest !== undefined && now - oldest.at > paceWindowMs / 2)
        current.recent = { done: done - oldest.done, ms: now - oldest.at };
    }
    // Others that wait for this build read it there; once a second is enough for them.
    if (now - told < 1_000) return;
    told = now;
    const partial = `${progressFile}.partial-${process.pid}`;
    writeFile(partial, JSON.stringify(current))
      .then(() => rename(partial, progressFile))
      .catch(() => undefined);
  };
  const make = async (partial: string): Promise<void> => {
    const client = createHttpClient({ env: options.env, connectTimeoutMs: 2_000 });
    try {
      if (await makeFromRelease(options, client.fetch, partial, tell)) return;
    } finally {
      await client.close();
    }
    await requireDisk(options.cache, buildBytes, 'building Kubernetes');
    await mkdir(partial, { recursive: true });
    const { env } = options;
    const from = { folder: source, version: versions.kubernetes, env };
    tell('modules');
    await buildKubernetes(from, path.join(partial, 'kubernetes'), {
      onModule: (count) => tell('modules', count),
      onPackage: (done, total) => tell('compiling', done, total),
      onLink: () => tell('linking'),
    });
  };
  const wait = (owner: number): void => {
    readFile(progressFile, 'utf8')
      .then((text) => {
        current = { ...(JSON.parse(text) as BuildProgress), owner };
      })
      .catch(() => {
        current = { phase: 'waiting', done: 0, total: 0, elapsedMs: 0, owner };
      });
  };
  const done = sourceDigest(source).then(async (digest) => {
    const name = `v${versions.kubernetes}-${process.arch}-${digest}`;
    const folder = await madeOnce(path.join(base, name), make, wait);
    current = { phase: 'done', done: 1, total: 1, elapsedMs: 0 };
    await rm(progressFile, { force: true });
    return programsIn(folder);
  });
  done.catch(() => undefined);
  return { done, progress: () => current };
}

async function makeFromRelease(
  options: KubernetesOptions,
  fetch: Parameters<typeof findRelease>[0]['fetch'],
  partial: string,
  tell: (phase: BuildProgress['phase'], done?: number, total?: number) => void,
): Promise<boolean> {
  const release = await findRelease({
    fetch,
    site: options.env['SLIPWAY_KUBERNETES_URL'] ?? officialSite,
    version: versions.kubernetes,
    arch: process.arch === 'arm64' ? 'arm64' : 'amd64',
  });
  if (release === undefined) return false;
  try {
    await requireDisk(options.cache, releaseBytes, 'the Kubernetes release');
    await downloadRelease(fetch, release, partial, (done, total) =>
      tell('downloading', done, total),
    );
    return kubernetesParts.every((part) => existsSync(path.join(partial, part)));
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    options.warn(
      `The official Kubernetes release could not be used, so it is built here instead: ${errorMessage(error)}`,
    );
    return false;
  }
}
