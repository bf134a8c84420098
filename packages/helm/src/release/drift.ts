import { isDeepStrictEqual } from 'node:util';
import { KubeError, type KubeClient } from '@slipway/kube';
import { errorMessage } from '@slipway/runtime';
import { fulfilled, isJson, isTyped, patchBetween, type Json } from '../merge/index.ts';
import { otherOwner, type FieldPath } from './field-owners.ts';
import { objectName, plainObject, type ManifestObject } from './manifest.ts';
import { visitObjects } from './object-visit.ts';

/** One object that is not as the manifest says. */
export interface Drift {
  /** `Deployment/api`. */
  object: string;
  /** `missing`, `differs at spec.replicas`, or why it could not be compared. */
  how: string;
  /** False when the comparison itself was refused; nothing is known then. */
  certain: boolean;
  /** Whose value it is, where not Helm's: `kubectl`, `kube-controller-manager`. */
  keptBy?: string;
  /** Of a kind that Helm knows only as a custom resource. */
  custom?: true;
}

/** Fields that change by themselves or by the comparison. */
const notOurs = new Set([
  'managedFields',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'uid',
]);

/** An object without what changes by itself: its status, and what the server counts. */
export function comparable(object: Json): Json {
  const rest = { ...object };
  delete rest['status'];
  const metadata = isJson(rest['metadata']) ? rest['metadata'] : {};
  return {
    ...rest,
    metadata: Object.fromEntries(Object.entries(metadata).filter(([key]) => !notOurs.has(key))),
  };
}

/** Whether two states of one object say the same, but for what changes by itself. */
export function sameObject(a: Json, b: Json): boolean {
  return isDeepStrictEqual(comparable(a), comparable(b));
}

/** The places where two values differ, as deep as both have them. */
function differences(a: unknown, b: unknown): readonly FieldPath[] {
  if (isDeepStrictEqual(a, b)) return [];
  if (isJson(a) && isJson(b))
    return [...new Set([...Object.keys(a), ...Object.keys(b)])].flatMap((key) =>
      differences(a[key], b[key]).map((rest) => [key, ...rest]),
    );
  if (Array.isArray(a) && Array.isArray(b) && a.length === b.length)
    return a.flatMap((item: unknown, index) =>
      differences(item, b[index]).map((rest) => [{ index, item }, ...rest]),
    );
  return [[]];
}

function pathText(path: FieldPath): string {
  return path.map((step) => (typeof step === 'string' ? step : String(step.index))).join('.');
}

/** A finished Job may be taken away by the cluster (ttlSecondsAfterFinished): that it is gone says nothing. */
function isGoneByItself({ kind, spec }: ManifestObject): boolean {
  return kind === 'Job' && typeof spec?.['ttlSecondsAfterFinished'] === 'number';
}

/** What of the differences Helm would mend, else what others keep as it is. */
function driftAt(object: ManifestObject, live: Json, paths: readonly FieldPath[]): Drift {
  const owners = paths.map((path) => otherOwner(live, path));
  const ours = owners.indexOf(undefined);
  const where = pathText(paths[Math.max(ours, 0)] ?? []);
  const drift = {
    object: objectName(object),
    how: `differs at ${where}`,
    certain: true,
    ...(isTyped(object.apiVersion) ? {} : { custom: true as const }),
  };
  return ours >= 0 ? drift : { ...drift, keptBy: [...new Set(owners)].join(', ') };
}

/**
 * Compares one object of the cluster with its manifest. Where the cluster says less or something else,
 * it is asked what would come of it by a patch that is only tried (`dryRun=All`), because it writes
 * some values in its own way (`1000m` is `1`, `stringData` is `data`).
 */
async function driftOf(
  kube: KubeClient,
  object: ManifestObject,
  path: string | undefined,
): Promise<Drift | undefined> {
  const name = objectName(object);
  if (path === undefined)
    return { object: name, how: 'the cluster does not know its kind', certain: true };
  try {
    const live = await kube.get<Json>(path);
    const patch = patchBetween(live, fulfilled(plainObject(object), live));
    if (patch === undefined) return undefined;
    const wanted = await kube.patch<Json>(path, patch, {
      dryRun: 'All',
      fieldManager: 'slipway-compare',
      fieldValidation: 'Ignore',
    });
    const paths = differences(comparable(live), comparable(wanted));
    return paths.length === 0 ? undefined : driftAt(object, live, paths);
  } catch (error) {
    if (!(error instanceof KubeError) || error.status !== 404)
      return { object: name, how: `cannot be compared: ${errorMessage(error)}`, certain: false };
    return isGoneByItself(object) ? undefined : { object: name, how: 'missing', certain: true };
  }
}

/** What of `objects` the cluster does not have as they say, in their order. Changes nothing. */
export async function findDrift(
  kube: KubeClient,
  objects: readonly ManifestObject[],
  namespace: string,
): Promise<readonly Drift[]> {
  return await visitObjects(kube, { objects, namespace }, (object, path) =>
    driftOf(kube, object, path),
  );
}
