import { createHash } from 'node:crypto';
import type { BuildClass, CacheTrust } from './cache-trust.ts';
import type { PackClass } from './pack/index.ts';

/** Short and safe in a key: GitHub refuses commas and more than 512 characters. */
const digest = (parts: readonly string[], length = 12): string =>
  createHash('sha256').update(parts.join('\0')).digest('hex').slice(0, length);

const word = (text: string): string => text.replace(/[^A-Za-z0-9._-]/g, '_').slice(0, 60);

/** Keys of the manifests of a layer: under `prefix` one is saved, in the order of `lookup` one is found. */
export interface ManifestKeys {
  /** What follows it makes the key of one save unlike that of any other. */
  prefix: string;
  /** At most ten; the first is that of no entry, so that only beginnings count. Empty when none may be used. */
  lookup: string[];
}

/**
 * Keys of a module layer: from manifests for exactly these go.sum files over those that the same files had at other
 * times to any. `goSums` has the name of each file and what it says, in any order.
 */
export function moduleKeys(goSums: readonly { name: string; text: string }[]): ManifestKeys {
  const all = 'slipway-modules-v3-';
  const place = `${all}${digest(goSums.map(({ name }) => name).sort(), 8)}-`;
  const exact = `${place}${digest(goSums.map(({ text }) => text).sort(), 24)}-`;
  return { prefix: exact, lookup: [`${exact}newest`, exact, place, all] };
}

/** What build results depend on besides the sources. */
export interface BuildKeyParts {
  os: string;
  arch: string;
  goVersion: string;
  /** Environment that changes what the compiler makes: GOOS, GOFLAGS, CGO_ENABLED and the like. */
  settings: Readonly<Record<string, string | undefined>>;
  /** Keeps jobs from overwriting each other's newest manifest. */
  job: string;
  /** Whose entries may be restored, and of which class the entry of this run is. */
  trust: CacheTrust;
}

/**
 * Keys of a build layer: looked up from the same job to any job with the same toolchain, of every class that may be
 * restored. The newest manifest wins, so the cache is always fresh.
 */
export function buildKeys(parts: BuildKeyParts): ManifestKeys {
  const { os, arch, goVersion, settings, job, trust } = parts;
  const toolchain = (of: BuildClass): string =>
    `slipway-build-v3-${of}-${word(os)}-${word(arch)}-go${word(goVersion)}-`;
  const pairs = Object.entries(settings)
    .filter(([, value]) => value !== undefined && value !== '')
    .map(([name, value]) => `${name}=${value ?? ''}`)
    .sort();
  const target = (of: BuildClass): string => `${toolchain(of)}${digest(pairs, 8)}-`;
  const ofJob = (of: BuildClass): string => `${target(of)}${jobDigest(job)}-`;
  const prefixes = [ofJob, target, toolchain].flatMap((level) => trust.restores.map(level));
  const [first] = prefixes;
  return {
    prefix: ofJob(trust.saves),
    lookup: first === undefined ? [] : [`${first}newest`, ...prefixes],
  };
}

/** A job in a key or a manifest. */
export const jobDigest = (job: string): string => digest([job], 8);

/** The key of a pack: equal content has an equal key, whichever job made it. */
export const packKey = (kind: PackClass, index: string): string =>
  `slipway-pack-v3-${kind}-${digest([index], 32)}`;
