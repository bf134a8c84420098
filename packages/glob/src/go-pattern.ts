import { checkGlobLength } from './bounded-pattern.ts';
import { goMatcher } from './go-match.ts';

/**
 * A matcher of leading path elements by a pattern of Go's path.Match (`*`, `?`, `[a-z]`, `[^a]`, `\x`),
 * as GOPRIVATE (golang.org/x/mod/module, MatchPrefixPatterns) and `//go:embed` use them. Undefined for a
 * pattern that Go calls malformed. Throws an InputError for one that is too long.
 */
export function goPatternMatcher(pattern: string): ((path: string) => boolean) | undefined {
  checkGlobLength(pattern);
  const matches = goMatcher(pattern);
  if (matches === undefined) return undefined;
  const elements = pattern.split('/').length;
  return (path) => {
    const leading = path.split('/').slice(0, elements);
    return leading.length === elements && matches(leading.join('/'));
  };
}
