import { boundedPattern } from './bounded-pattern.ts';

/** An empty or unclosed class, or an escape of nothing: path.Match has ErrBadPattern for them. */
const malformed = /\[(?:\^?\]|(?:\\.|[^\]\\])*$)|\\$/;

/**
 * A matcher of leading path elements by a pattern of Go's path.Match (`*`, `?`, `[a-z]`, `[^a]`, `\x`),
 * as GOPRIVATE (golang.org/x/mod/module, MatchPrefixPatterns) and `//go:embed` use them. Undefined for a
 * pattern that Go calls malformed. Throws an InputError for one that is too long.
 */
export function goPatternMatcher(pattern: string): ((path: string) => boolean) | undefined {
  if (malformed.test(pattern)) return undefined;
  const elements = pattern.split('/').length;
  // Here `**` is `*`, `[!a]` a class with an exclamation mark, and braces are themselves.
  const own = pattern.replace(/\*+/g, '*').replace(/\[!/g, '[\\!');
  const compiled = boundedPattern(own, { braces: false });
  return (path) => {
    const leading = path.split('/').slice(0, elements);
    return leading.length === elements && compiled.match(leading.join('/'));
  };
}
