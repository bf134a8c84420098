import { boundedPattern, checkGlobLength } from './bounded-pattern.ts';

/**
 * A matcher of repository paths with `/`: `*` and `?` stay within one segment, `**` spans any number
 * of them, also none. Nothing else is special. Throws an InputError for a glob that is too long or has
 * too many `**`.
 */
export function globMatcher(glob: string): (path: string) => boolean {
  checkGlobLength(glob);
  const pattern = glob
    .replace(/^\.\//, '')
    .replace(/\/+$/, '')
    .replace(/[[\]\\]/g, '\\$&');
  const compiled = boundedPattern(pattern);
  // For minimatch a `**` at the end spans one segment at least, unless that is empty.
  const end = /(?:^|\/)\*\*$/.test(pattern) ? '/' : '';
  return (path) => compiled.match(`${path}${end}`);
}
