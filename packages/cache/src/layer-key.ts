import { createHash } from 'node:crypto';
import type { BuildClass, CacheTrust } from './cache-trust.ts';

/** Short and safe in a key: GitHub refuses commas and more than 512 characters. */
const digest = (parts: readonly string[], length = 12): string =>
  createHash('sha256').update(parts.join('\0')).digest('hex').slice(0, length);

const word = (text: string): string => text.replace(/[^A-Za-z0-9._-]/g, '_').slice(0, 60);

/** The exact key of a module layer and, behind it, what a newer or older go.sum still shares. */
export function moduleKeys(goSums: readonly string[]): [string, ...string[]] {
  const prefix = 'slipway-modules-v1-';
  return [`${prefix}${digest([...goSums].sort(), 32)}`, prefix];
}

/** What build results depend on besides the sources. */
export interface BuildKeyParts {
  os: string;
  arch: string;
  goVersion: string;
  /** Environment that changes what the compiler makes: GOOS, GOFLAGS, CGO_ENABLED and the like. */
  settings: Readonly<Record<string, string | undefined>>;
  /** Keeps jobs from overwriting each other's newest entry. */
  job: string;
  /** Whose entries may be restored, and of which class the entry of this run is. */
  trust: CacheTrust;
}

/**
 * Keys of a build layer: `prefix` for saving (a digest of the content follows it), `lookup` from the
 * same job to any job with the same toolchain, of every class that may be restored; empty when none may. The
 * newest entry wins, so the cache is always fresh.
 */
export function buildKeys(parts: BuildKeyParts): { prefix: string; lookup: string[] } {
  const { os, arch, goVersion, settings, job, trust } = parts;
  const toolchain = (of: BuildClass): string =>
    `slipway-build-v2-${of}-${word(os)}-${word(arch)}-go${word(goVersion)}-`;
  const pairs = Object.entries(settings)
    .filter(([, value]) => value !== undefined && value !== '')
    .map(([name, value]) => `${name}=${value ?? ''}`)
    .sort();
  const target = (of: BuildClass): string => `${toolchain(of)}${digest(pairs, 8)}-`;
  const ofJob = (of: BuildClass): string => `${target(of)}${digest([job], 8)}-`;
  const prefixes = [ofJob, target, toolchain].flatMap((level) => trust.restores.map(level));
  const [first] = prefixes;
  return {
    prefix: ofJob(trust.saves),
    lookup: first === undefined ? [] : [`${first}newest`, ...prefixes],
  };
}

/** The end of a build layer's key: equal content has an equal key, whichever job made it. */
export const contentDigest = (paths: readonly string[]): string => digest([...paths].sort(), 24);
