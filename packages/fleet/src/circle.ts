/**
 * A circle in what needs what: its names in order, the first again at the end; undefined when there is
 * none. Names that no key has are passed over.
 */
export function circleIn(
  needs: ReadonlyMap<string, readonly string[]>,
): readonly string[] | undefined {
  const done = new Set<string>();
  const trail: { name: string; left: string[] }[] = [];
  for (const start of needs.keys()) {
    if (done.has(start)) continue;
    trail.push({ name: start, left: [...(needs.get(start) ?? [])] });
    while (trail.length > 0) {
      const top = trail.at(-1);
      const next = top?.left.shift();
      if (next === undefined) {
        done.add(top?.name ?? '');
        trail.pop();
        continue;
      }
      const begins = trail.findIndex(({ name }) => name === next);
      if (begins >= 0) return [...trail.slice(begins).map(({ name }) => name), next];
      if (!done.has(next)) trail.push({ name: next, left: [...(needs.get(next) ?? [])] });
    }
  }
  return undefined;
}
