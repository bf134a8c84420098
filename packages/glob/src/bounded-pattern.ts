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
} as const;

function refused(pattern: string, why: string): InputError {
  return new InputError(`The glob ${quoted(pattern)} ${why}.`, {
    next: 'Write several shorter globs instead.',
  });
}

/**
 * Compiles a glob that may have been made to be slow. minimatch 11 matches without backtracking; what is
 * left to bound is the length, the number of `**` and what braces expand to. Throws an InputError that
 * names the glob and the limit. `braces`: whether `{a,b}` means alternatives or itself.
 */
export function boundedPattern(
  pattern: string,
  given: { braces: boolean; ignoreCase?: boolean },
): Minimatch {
  if (pattern.length > maxLength)
    throw refused(pattern, `is longer than the ${maxLength} characters allowed`);
  if (pattern.split('/').filter((part) => part === '**').length > maxSpans)
    throw refused(pattern, `has more than the ${maxSpans} "**" allowed`);
  const braceExpandMax = maxAlternatives + 1;
  if (given.braces && braceExpand(pattern, { braceExpandMax }).length > maxAlternatives)
    throw refused(pattern, `stands for more than the ${maxAlternatives} alternatives allowed`);
  return new Minimatch(pattern, {
    ...options,
    nobrace: !given.braces,
    nocase: given.ignoreCase ?? false,
  });
}
