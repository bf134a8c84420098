import { bytesOf, type Json } from './canonical-json.ts';
import { largestShare } from './largest-share.ts';

/** JSON that was made smaller, and how many elements of its arrays that took. */
export interface Bounded {
  value: Json;
  /** 0 when nothing was left out. */
  dropped: number;
}

type List = readonly Json[];

/** Lists that would have to become shorter than this are not worth their outer one. */
const leastListBytes = 100;

function isList(value: Json): value is List {
  return Array.isArray(value);
}

function childrenOf(value: Json): List {
  if (isList(value)) return value;
  return typeof value === 'object' && value !== null ? Object.values(value) : [];
}

/** The lists of more than one element that hold no other such list. */
function innerLists(value: Json): List[] {
  const inner = childrenOf(value).flatMap(innerLists);
  return isList(value) && value.length > 1 && inner.length === 0 ? [value] : inner;
}

/** The lists of more than one element that no other such list holds. */
function outerLists(value: Json): List[] {
  return isList(value) && value.length > 1 ? [value] : childrenOf(value).flatMap(outerLists);
}

/** The last elements of `list` that fit. */
function newest(list: List, maxBytes: number): List {
  let bytes = 2;
  let begin = list.length;
  while (begin > 0) {
    bytes += bytesOf(list[begin - 1] ?? null) + 1;
    if (bytes > maxBytes) break;
    begin -= 1;
  }
  return list.slice(begin);
}

/** `value` with other lists in the place of some. */
function withLists(value: Json, others: ReadonlyMap<Json, List>): Json {
  const other = others.get(value);
  if (other !== undefined) return other;
  if (typeof value !== 'object' || value === null) return value;
  if (isList(value)) return value.map((child) => withLists(child, others));
  return Object.fromEntries(
    Object.entries(value).map(([key, child]) => [key, withLists(child, others)]),
  );
}

/** `value` with the largest of `lists` as short as it takes; undefined when that would not do. */
function shortened(value: Json, lists: readonly List[], maxBytes: number): Bounded | undefined {
  const sizes = lists.map(bytesOf);
  const elsewhere = bytesOf(value) - sizes.reduce((sum, size) => sum + size, 0);
  const share = largestShare(sizes, maxBytes - elsewhere);
  if (share < leastListBytes) return undefined;
  const others = new Map<Json, List>(
    lists.flatMap((list, at) => ((sizes[at] ?? 0) > share ? [[list, newest(list, share)]] : [])),
  );
  const dropped = [...others].reduce(
    (sum, [list, left]) => sum + (list as List).length - left.length,
    0,
  );
  return { value: withLists(value, others), dropped };
}

/**
 * `value` in at most `maxBytes`: the oldest elements of its largest lists go, since what is collected is
 * appended. Of lists in lists the innermost lose first, so that samples go before pods. What is too
 * large without them becomes null.
 */
export function boundJson(value: Json, maxBytes: number): Bounded {
  if (bytesOf(value) <= maxBytes) return { value, dropped: 0 };
  return (
    shortened(value, innerLists(value), maxBytes) ??
    shortened(value, outerLists(value), maxBytes) ?? { value: null, dropped: 1 }
  );
}
