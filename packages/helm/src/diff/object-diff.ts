import type { Json } from '../merge/index.ts';
import { fieldChanges, type FieldChange } from './field-changes.ts';
import type { SecretHash } from './secret-hash.ts';
import { shownObject } from './shown-object.ts';

/** One object as the cluster has it, and as it will after the upgrade. */
export interface LiveChange {
  /** `Deployment/api`. */
  object: string;
  /** Undefined when it is not there yet. */
  before: Json | undefined;
  /** Undefined when it goes away. */
  after: Json | undefined;
}

/** What becomes of one object; secrets in it are hashes. */
export interface ObjectDiff {
  /** `Deployment/api`. */
  object: string;
  change: 'new' | 'changed' | 'removed';
  fields: readonly FieldChange[];
}

function kindOfChange({ before, after }: LiveChange): ObjectDiff['change'] {
  if (before === undefined) return 'new';
  return after === undefined ? 'removed' : 'changed';
}

/** Fields of a new or removed object that say no more than its name. */
const naming = new Set(['apiVersion', 'kind', 'metadata.name', 'metadata.namespace']);

/** What changes, object by object; those that stay as they are are left out. */
export function objectDiffs(
  changes: readonly LiveChange[],
  hash: SecretHash,
): readonly ObjectDiff[] {
  return changes.flatMap((change): ObjectDiff[] => {
    const kind = kindOfChange(change);
    const [before, after] = [change.before ?? {}, change.after ?? {}].map((object) =>
      shownObject(object, hash),
    );
    // Of what goes away the name is enough.
    const all = kind === 'removed' ? [] : fieldChanges(before, after);
    const fields = all.filter(({ path }) => kind === 'changed' || !naming.has(path));
    return kind === 'changed' && fields.length === 0
      ? []
      : [{ object: change.object, change: kind, fields }];
  });
}
