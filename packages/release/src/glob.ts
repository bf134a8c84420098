function segmentMatcher(segment: string): (text: string) => boolean {
  if (!/[*?]/.test(segment)) return (text) => text === segment;
  const source = segment
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*+/g, '.*')
    .replace(/\?/g, '.');
  const expression = new RegExp(`^${source}$`, 's');
  return (text) => expression.test(text);
}

/**
 * A matcher of repository paths with `/`: `*` and `?` stay within one segment, `**` spans any number
 * of them. Nothing else is special.
 */
export function globMatcher(pattern: string): (path: string) => boolean {
  const parts = pattern
    .replace(/^\.\//, '')
    .replace(/\/+$/, '')
    .split('/')
    .map((segment) => (segment === '**' ? ('**' as const) : segmentMatcher(segment)));
  const matches = (part: number, segments: readonly string[]): boolean => {
    const current = parts[part];
    if (current === undefined) return segments.length === 0;
    if (current === '**')
      return (
        matches(part + 1, segments) || (segments.length > 0 && matches(part, segments.slice(1)))
      );
    const [first, ...rest] = segments;
    return first !== undefined && current(first) && matches(part + 1, rest);
  };
  return (path) => matches(0, path.split('/'));
}
