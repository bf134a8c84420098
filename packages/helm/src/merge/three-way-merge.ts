import { isDeepStrictEqual } from 'node:util';
import { isJson, withoutNulls, type Json } from './json.ts';
import { mergePatch, patchBetween } from './merge-patch.ts';
import { isTyped, mergeRule, type MergeRule } from './merge-rules.ts';

/** One value as the old manifest, the new manifest and the cluster have it. */
interface Sides {
  old: unknown;
  wanted: unknown;
  live: unknown;
}

interface Place {
  kind: string;
  /** Names of fields only, `spec.template.spec.containers.env`. */
  path: string;
}

const inner = ({ kind, path }: Place, key: string): Place => ({
  kind,
  path: path === '' ? key : `${path}.${key}`,
});

const mapOf = (value: unknown): Json => (isJson(value) ? value : {});
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

function mergeMaps({ old, wanted, live }: Sides, place: Place, rule: MergeRule | undefined): Json {
  const [before, now, there] = [mapOf(old), mapOf(wanted), mapOf(live)];
  const merged: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(there)) {
    if (!(key in now)) {
      if (!(key in before)) merged[key] = value;
    } else if (now[key] !== null)
      merged[key] = mergeValue(
        { old: before[key], wanted: now[key], live: value },
        inner(place, key),
      );
  }
  for (const [key, value] of Object.entries(now))
    if (!(key in there) && value !== null) merged[key] = withoutNulls(value);
  if (rule?.retainKeys !== true || isDeepStrictEqual(merged, there)) return merged;
  return Object.fromEntries(Object.entries(merged).filter(([key]) => key in now));
}

function mergeKeyed(
  { old, wanted, live }: Sides,
  place: Place,
  rule: MergeRule & { key: string },
): unknown {
  const keyOf = (item: unknown): unknown => mapOf(item)[rule.key];
  const all = [...listOf(wanted), ...listOf(live)];
  if (all.some((item) => keyOf(item) === undefined)) return withoutNulls(wanted);
  const open = [...listOf(live)];
  const mergedInto = new Map<unknown, unknown>();
  const order: { at: unknown; merged: unknown }[] = [];
  for (const item of listOf(wanted)) {
    const before = listOf(old).find((other) => keyOf(other) === keyOf(item));
    const merge = (target: unknown): unknown =>
      mergeMaps({ old: before, wanted: item, live: target }, place, rule);
    const same = open.filter((target) => keyOf(target) === keyOf(item));
    // A key can be there twice (a port for TCP and UDP, a variable given again): what is as it should be wins.
    const at = same.find((target) => isDeepStrictEqual(merge(target), target)) ?? same[0];
    if (at !== undefined) open.splice(open.indexOf(at), 1);
    const merged = at === undefined ? withoutNulls(item) : merge(at);
    if (at !== undefined) mergedInto.set(at, merged);
    order.push({ at, merged });
  }
  const dropped = new Set(listOf(old).map(keyOf));
  const inOrder = order.filter(({ at }) => at !== undefined).map(({ merged }) => merged);
  const kept = listOf(live).flatMap((target) => {
    if (mergedInto.has(target)) return [inOrder.shift()];
    return dropped.has(keyOf(target)) ? [] : [target];
  });
  const added = order.filter(({ at }) => at === undefined).map(({ merged }) => merged);
  return [...kept, ...added];
}

function unite({ old, wanted, live }: Sides): unknown {
  const gone = new Set(listOf(old).filter((item) => !listOf(wanted).includes(item)));
  return [...new Set([...listOf(live).filter((item) => !gone.has(item)), ...listOf(wanted)])];
}

/**
 * Whether a list that is replaced as a whole is there already, but for what the server added to its
 * items and would add again.
 */
function hasItems(wanted: readonly unknown[], live: readonly unknown[], place: Place): boolean {
  return (
    wanted.length === live.length &&
    wanted.every((item, index) => {
      const there = live[index];
      const merged = mergeValue({ old: undefined, wanted: item, live: there }, place);
      return isDeepStrictEqual(merged, there);
    })
  );
}

function mergeValue(sides: Sides, place: Place): unknown {
  const { wanted, live } = sides;
  const rule = mergeRule(place.kind, place.path);
  if (isJson(wanted) && isJson(live) && rule?.replace !== true)
    return mergeMaps(sides, place, rule);
  if (Array.isArray(wanted) && Array.isArray(live)) {
    const { key } = rule ?? {};
    if (key !== undefined) return mergeKeyed(sides, place, { ...rule, key });
    if (rule?.unite === true) return unite(sides);
    if (sides.old === undefined && hasItems(wanted, live, place)) return live;
  }
  return withoutNulls(wanted);
}

/**
 * What is left of `live` when Helm changes it from the manifest `old` to the manifest `wanted` on the
 * client's side, as Helm 3 does and Helm 4 on releases that Helm 3 made: for built-in kinds the
 * strategic three-way merge (apimachinery: CreateThreeWayMergePatch), for all others the difference of
 * the two manifests as a JSON merge patch, which mends nothing that somebody else changed (helm/helm:
 * pkg/kube/client.go, createPatch). Without `old` nothing is taken away.
 */
export function threeWayMerge(sides: { old: Json | undefined; wanted: Json; live: Json }): Json {
  const { old = sides.wanted, wanted, live } = sides;
  const { kind, apiVersion } = wanted as { kind?: unknown; apiVersion?: unknown };
  if (!isTyped(String(apiVersion))) return mapOf(mergePatch(live, patchBetween(old, wanted) ?? {}));
  return mergeMaps({ old, wanted, live }, { kind: String(kind), path: '' }, undefined);
}

/**
 * `live` with everything that `wanted` says, of whatever kind, and all else left as it is (a null says
 * nothing: charts write `annotations:` with nothing behind it): equal to `live` when the cluster has what the manifest says.
 */
export function fulfilled(wanted: Json, live: Json): Json {
  const said = withoutNulls(wanted);
  const kind = isTyped(String(wanted['apiVersion'])) ? String(wanted['kind']) : '';
  return mergeMaps({ old: undefined, wanted: said, live }, { kind, path: '' }, undefined);
}
