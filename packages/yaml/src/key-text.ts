/** Called by js-yaml as it comes to the end of each node. */
export type NodeListener = (event: string, state: { result?: unknown }) => void;

/** Thrown while js-yaml reads: the text that it would make of a list is too long. */
export class LongKeyError extends Error {}

/**
 * A listener that stops when lists, with their aliases written out, would make more than `maxLength` of text. js-yaml
 * makes text of a list that is a key, and does not say which lists are keys: a hundred aliases of a megabyte each
 * are a key of a hundred megabytes, and a thousand such keys keep it busy for minutes. So each use of an alias counts.
 */
export function keyTextLimit(maxLength: number): NodeListener {
  const known = new WeakMap<readonly unknown[], number>();
  const lengthOf = (value: unknown): number => {
    if (typeof value === 'string') return value.length + 1;
    return Array.isArray(value) ? (known.get(value) ?? 0) + 1 : 24;
  };
  let aliased = 0;
  return (event, { result }) => {
    if (event !== 'close' || !Array.isArray(result)) return;
    const list: readonly unknown[] = result;
    const seen = known.get(list);
    const length = seen ?? list.reduce((sum: number, item) => sum + lengthOf(item), 0);
    known.set(list, length);
    if (seen !== undefined) aliased += seen;
    if (Math.max(length, aliased) > maxLength) throw new LongKeyError();
  };
}
