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

const decimal = ['', 'k', 'M', 'G', 'T', 'P', 'E'];
const binary = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];

/** Bytes of a quantity of storage, `1.5Gi`; undefined for what is none, or of a rarer form. */
function bytesOf(quantity: unknown): number | undefined {
  if (typeof quantity !== 'string' && typeof quantity !== 'number') return undefined;
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?)([A-Za-z]*)$/.exec(String(quantity)) ?? [];
  const power = Math.max(decimal.indexOf(unit), binary.indexOf(unit));
  if (number === undefined || power < 0) return undefined;
  return Number(number) * (unit.endsWith('i') ? 1024 : 1000) ** power;
}

function storageOf(object: Json): number | undefined {
  const { resources } = (isJson(object['spec']) ? object['spec'] : {}) as {
    resources?: { requests?: { storage?: unknown } };
  };
  return bytesOf(resources?.requests?.storage);
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
