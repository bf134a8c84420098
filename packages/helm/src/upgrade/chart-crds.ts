import { KubeError, type KubeClient } from '@slipway/kube';
import { ActionError, errorMessage, formatDuration } from '@slipway/runtime';
import { fulfilled, isJson, patchBetween, type Json } from '../merge/index.ts';
import {
  objectName,
  plainObject,
  sameObject,
  type ManifestObject,
  type ReleasePorts,
} from '../release/index.ts';

/** One CRD of the chart that the cluster does not have so. */
export interface CrdChange {
  object: ManifestObject;
  path: string;
  /** A JSON merge patch; undefined when the CRD is to be made. */
  patch: Json | undefined;
  /** Why the cluster would refuse it; undefined when it would not. */
  refused: string | undefined;
}

const root = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const dryRun = { dryRun: 'All', fieldManager: 'helm' } as const;
const establishingMs = 60_000;
const lookMs = 250;

/** The live CRD with the chart's spec; a CA that was injected into the conversion webhook stays. */
function wantedCrd(chart: Json, live: Json): Json {
  const spec = isJson(chart['spec']) ? chart['spec'] : {};
  const { conversion } = spec;
  const merged = fulfilled(chart, live);
  const kept = isJson(merged['spec']) ? merged['spec']['conversion'] : undefined;
  return {
    ...merged,
    spec: { ...spec, ...(conversion === undefined ? {} : { conversion: kept }) },
  };
}

async function changeOf(kube: KubeClient, object: ManifestObject): Promise<CrdChange | undefined> {
  const path = `${root}/${encodeURIComponent(object.metadata.name)}`;
  const chart = plainObject(object);
  const change = { object, path, patch: undefined, refused: undefined };
  try {
    const live = await kube.get<Json>(path);
    const patch = patchBetween(live, wantedCrd(chart, live));
    if (patch === undefined) return undefined;
    const tried = await kube.patch<Json>(path, patch, dryRun);
    return sameObject(live, tried) ? undefined : { ...change, patch };
  } catch (error) {
    if (!(error instanceof KubeError)) throw error;
    if (error.status === 404) return change;
    if (error.status !== 422) throw error;
    return { ...change, refused: errorMessage(error) };
  }
}

/** The CRDs of a chart that are missing in the cluster or differ from it. Changes nothing. */
export async function findCrdChanges(
  kube: KubeClient,
  crds: readonly ManifestObject[],
): Promise<readonly CrdChange[]> {
  const changes = await Promise.all(crds.map((crd) => changeOf(kube, crd)));
  return changes.filter((change) => change !== undefined);
}

/** What a change does, in words. */
export function crdChangeText({ object, patch }: CrdChange): string {
  return `${objectName(object)} ${patch === undefined ? 'is new' : 'changes'}`;
}

interface LiveCrd {
  status?: { conditions?: readonly { type: string; status: string }[] };
}

async function untilEstablished(
  { kube, clock, signal }: ReleasePorts,
  { object, path }: CrdChange,
): Promise<void> {
  const deadlineMs = clock.now() + establishingMs;
  for (;;) {
    const { status } = await kube.get<LiveCrd>(path);
    const conditions = status?.conditions ?? [];
    if (conditions.some((one) => one.type === 'Established' && one.status === 'True')) return;
    if (clock.now() >= deadlineMs)
      throw new ActionError(
        `${objectName(object)} is not served ${formatDuration(establishingMs)} after it was changed.`,
        { next: `Look at its conditions: kubectl describe crd ${object.metadata.name}` },
      );
    await clock.sleep(lookMs, signal);
  }
}

/**
 * Makes and changes CRDs before the release, and waits until the cluster serves their kinds. They stay
 * when the release is rolled back, as with Helm: to take one away deletes every object of its kind.
 */
export async function applyCrds(ports: ReleasePorts, changes: readonly CrdChange[]): Promise<void> {
  const { kube, log } = ports;
  for (const { object, path, patch } of changes)
    if (patch === undefined) await kube.create(root, plainObject(object), { fieldManager: 'helm' });
    else await kube.patch(path, patch, { fieldManager: 'helm' });
  await Promise.all(changes.map((change) => untilEstablished(ports, change)));
  if (changes.length > 0)
    log.info(
      `CRDs of the chart, which a rollback leaves as they are: ${changes.map(crdChangeText).join(', ')}`,
    );
}
