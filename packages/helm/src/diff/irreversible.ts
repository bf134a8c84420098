import { isJson, type Json } from '../merge/index.ts';
import type { LiveChange } from './object-diff.ts';

const policy = 'helm.sh/resource-policy';

/** Kinds that take data with them when they go. */
const lossOf: Readonly<Record<string, string>> = {
  CustomResourceDefinition: 'every object of its kind goes with it',
  PersistentVolumeClaim: 'its data may go with it',
  PersistentVolume: 'its data may go with it',
  Namespace: 'everything in it goes with it',
};

function isKept(object: Json | undefined): boolean {
  const metadata = object?.['metadata'];
  const annotations = isJson(metadata) ? metadata['annotations'] : undefined;
  return isJson(annotations) && annotations[policy] === 'keep';
}

const units: Readonly<Record<string, number>> = {
  '': 1,
  ...{ k: 1e3, M: 1e6, G: 1e9, T: 1e12, P: 1e15, E: 1e18 },
  ...{ Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40, Pi: 2 ** 50, Ei: 2 ** 60 },
};

function storageOf(object: Json): number | undefined {
  const { resources } = (isJson(object['spec']) ? object['spec'] : {}) as {
    resources?: { requests?: { storage?: unknown } };
  };
  const found = /^(\d+(?:\.\d+)?)([kMGTPE]i?|Ki)?$/.exec(
    String(resources?.requests?.storage ?? ''),
  );
  return found === null ? undefined : Number(found[1]) * (units[found[2] ?? ''] ?? 1);
}

function changeOf({ object, before, after }: LiveChange): string | undefined {
  if (before === undefined) return undefined;
  const kind = String(before['kind']);
  const loss = lossOf[kind];
  if (after === undefined)
    return loss === undefined || isKept(before) ? undefined : `${object} goes away: ${loss}`;
  if (isKept(before) && !isKept(after) && loss !== undefined)
    return `${object} loses ${policy}: keep: it goes with the release from now on`;
  const [old, now] = [storageOf(before), storageOf(after)];
  const shrinks = kind === 'PersistentVolumeClaim' && old !== undefined && now !== undefined;
  return shrinks && now < old ? `${object} becomes smaller, which Kubernetes refuses` : undefined;
}

/** What of an upgrade no rollback brings back, in words. */
export function irreversibleChanges(changes: readonly LiveChange[]): readonly string[] {
  return changes.map(changeOf).filter((change) => change !== undefined);
}
