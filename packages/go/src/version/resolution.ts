import { InputError } from '@slipway/runtime';
import { nearestReleases } from './nearest.ts';
import { newestMatch, type VersionQuery } from './query.ts';
import type { GoVersion } from './version.ts';

/** Which release was chosen, and why. */
export interface ResolvedVersion {
  version: GoVersion;
  /** For the log: `named exactly`, `newest installed`, `newest published`. */
  rule: string;
}

/**
 * Turns a query into one release. An exact version asks nobody; a range takes the newest installed
 * release unless `checkLatest`, as actions/setup-go does; aliases and the rest ask `listPublished`.
 * Throws InputError when nothing matches.
 */
export async function resolveVersion(
  query: VersionQuery,
  options: {
    installed: readonly GoVersion[];
    listPublished: () => Promise<readonly GoVersion[]>;
    checkLatest: boolean;
  },
): Promise<ResolvedVersion> {
  if (query.kind === 'exact') return { version: query.version, rule: 'named exactly' };
  if (query.kind === 'range' && !options.checkLatest) {
    const installed = newestMatch(query, options.installed);
    if (installed !== undefined) return { version: installed, rule: 'newest installed' };
  }
  const published = await options.listPublished();
  const version = newestMatch(query, published);
  if (version !== undefined) return { version, rule: 'newest published' };
  throw new InputError(
    `No published Go release matches ${query.text}. ${nearestReleases(query, published)}`,
  );
}
