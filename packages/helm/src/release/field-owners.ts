import { isJson, type Json } from '../merge/index.ts';

/** A place in an object: names of fields, and the items of lists themselves. */
export type FieldPath = readonly (string | { index: number; item: unknown })[];

/** One entry of `metadata.managedFields` (Kubernetes: Server-Side Apply, field management). */
interface ManagedFields {
  manager?: string;
  fieldsV1?: Json;
}

/** Helm's own name as a manager of fields, in both majors. */
const helmManager = 'helm';

/** Whether `fields` names the place, something above it as a whole, or something in it. */
function covers(fields: Json, path: FieldPath): boolean {
  const [step, ...rest] = path;
  const names = Object.keys(fields);
  if (step === undefined) return true;
  // A leaf: a value or a list that is owned as a whole.
  if (names.length === 0) return true;
  if (typeof step === 'string') {
    const inner = fields[`f:${step}`];
    return isJson(inner) && covers(inner, rest);
  }
  const { index, item } = step;
  return names.some((name) => {
    const inner = fields[name];
    if (!isJson(inner)) return false;
    if (name === `i:${index}`) return covers(inner, rest);
    if (name.startsWith('v:')) return name.slice(2) === JSON.stringify(item);
    if (!name.startsWith('k:')) return false;
    const key = JSON.parse(name.slice(2)) as Json;
    const isThis = isJson(item) && Object.entries(key).every(([of, value]) => item[of] === value);
    return isThis && covers(inner, rest);
  });
}

/** Who but Helm owns the field at `path` of a live object; undefined when nobody does. */
export function otherOwner(live: Json, path: FieldPath): string | undefined {
  const metadata = live['metadata'] as { managedFields?: readonly ManagedFields[] } | undefined;
  const owner = metadata?.managedFields?.find(
    ({ manager, fieldsV1 }) =>
      manager !== helmManager && fieldsV1 !== undefined && covers(fieldsV1, path),
  );
  return owner?.manager;
}
