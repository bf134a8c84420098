/** Longer names are no slip of the pen, and would take long to compare. */
const longest = 64;

/** How many letters are put in, taken out, changed or swapped to make one name of the other. */
export function editDistance(a: string, b: string): number {
  let before: readonly number[] = [];
  let row: readonly number[] = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let line = 1; line <= a.length; line += 1) {
    const next = [line];
    for (let column = 1; column <= b.length; column += 1) {
      const same = a[line - 1] === b[column - 1];
      const swapped = a[line - 1] === b[column - 2] && a[line - 2] === b[column - 1];
      next.push(
        Math.min(
          (next[column - 1] ?? 0) + 1,
          (row[column] ?? 0) + 1,
          (row[column - 1] ?? 0) + (same ? 0 : 1),
          swapped ? (before[column - 2] ?? Infinity) + 1 : Infinity,
        ),
      );
    }
    before = row;
    row = next;
  }
  return row.at(-1) ?? 0;
}

/** A name without what people write one way or another: `valueFiles`, `value_files`, `Value-Files`. */
function plain(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '');
}

/** The one of `names` that somebody most likely meant who wrote `name`; undefined when none is near. */
export function nearestName(name: string, names: Iterable<string>): string | undefined {
  if (name.length > longest) return undefined;
  const written = plain(name);
  const allowed = Math.max(1, Math.floor(written.length / 3));
  let nearest: { name: string; far: number } | undefined;
  for (const other of names) {
    const meant = plain(other);
    if (Math.abs(meant.length - written.length) > allowed || other.length > longest) continue;
    const far = editDistance(written, meant);
    if (far <= allowed && (nearest === undefined || far < nearest.far))
      nearest = { name: other, far };
  }
  return nearest?.name;
}
