import { InputError, quoted } from '@slipway/runtime';
import { Minimatch, braceExpand } from 'minimatch';

const maxLength = 1_000;
/** minimatch takes 200 of them and calls a path that needs more no match. */
const maxSpans = 50;
const maxAlternatives = 100;

// As @actions/glob asks it, whose patterns people know from actions/cache and actions/setup-go. `/` on
// every platform; no `+(a)`, no `!`, no comments.
const options = {
  platform: 'linux',
  dot: true,
  noext: true,
  nonegate: true,
  nocomment: true,
  nobrace: true,
} as const;

function refused(pattern: string, why: string): InputError {
  return new InputError(`The glob ${quoted(pattern)} ${why}.`, {
    next: 'Write several shorter globs instead.',
  });
}

/**
 * Throws an InputError for a glob that is too long. To be asked before anything else looks at it: even a
 * plain regular expression takes quadratic time for some globs.
 */
export function checkGlobLength(glob: string): void {
  if (glob.length > maxLength)
    throw refused(glob, `is longer than the ${maxLength} characters allowed`);
}

/**
 * The globs that one with `{a,b}` stands for; itself when it has none. Throws an InputError when it is
 * too long or stands for too many.
 */
export function globAlternatives(glob: string): readonly string[] {
  checkGlobLength(glob);
  const alternatives = braceExpand(glob, { braceExpandMax: maxAlternatives + 1 });
  if (alternatives.length > maxAlternatives)
    throw refused(glob, `stands for more than the ${maxAlternatives} alternatives allowed`);
  return alternatives;
}

/**
 * Compiles a glob that may have been made to be slow; braces in it are themselves. minimatch 11 matches
 * without backtracking; what is left to bound is the length and the number of `**`. Throws an InputError
 * that names the glob and the limit.
 */
export function boundedPattern(pattern: string, given: { ignoreCase?: boolean } = {}): Minimatch {
  checkGlobLength(pattern);
  if (pattern.split('/').filter((part) => part === '**').length > maxSpans)
    throw refused(pattern, `has more than the ${maxSpans} "**" allowed`);
  return new Minimatch(pattern, { ...options, nocase: given.ignoreCase ?? false });
}
