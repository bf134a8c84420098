import type { KubeObject } from '@slipway/kube';
import { RefusedError, refusals } from './status.ts';

/** Whether an object is selected. */
export type Selector = (object: KubeObject) => boolean;

/** Splits at the commas that stand in no brackets. */
function partsOf(text: string): string[] {
  return text.split(/,(?![^(]*\))/).map((part) => part.trim());
}

function requirement(part: string): (labels: Readonly<Record<string, string>>) => boolean {
  const set = /^(\S+)\s+(in|notin)\s+\((.*)\)$/.exec(part);
  if (set !== null) {
    const [, key = '', operator, list = ''] = set;
    const values = list.split(',').map((value) => value.trim());
    return (labels) =>
      operator === 'in'
        ? values.includes(labels[key] ?? '\0')
        : !values.includes(labels[key] ?? '\0');
  }
  const equal = /^([^!=\s]+)\s*(!=|==?)\s*(\S*)$/.exec(part);
  if (equal !== null) {
    const [, key = '', operator, value = ''] = equal;
    return (labels) => (labels[key] === value) === (operator !== '!=');
  }
  const bare = /^(!?)([^!=\s]+)$/.exec(part);
  if (bare === null)
    throw new RefusedError(
      refusals.badRequest(`unable to parse requirement: ${JSON.stringify(part)}`),
    );
  return (labels) => (bare[2] ?? '') in labels === (bare[1] !== '!');
}

/** The `labelSelector` of a query. */
function labelSelector(text: string): Selector {
  const all = partsOf(text).map(requirement);
  return ({ metadata }) => all.every((holds) => holds(metadata?.labels ?? {}));
}

/** The `fieldSelector` of a query; of the fields that can be selected these are known here. */
function fieldSelector(text: string): Selector {
  const wanted = partsOf(text).map((part) => part.split('='));
  return (object) =>
    wanted.every(([field = '', value = '']) => {
      const { involvedObject: about } = object as { involvedObject?: { uid?: string } };
      const fields: Readonly<Record<string, string | undefined>> = {
        'metadata.name': object.metadata?.name,
        'metadata.namespace': object.metadata?.namespace,
        'involvedObject.uid': about?.uid,
      };
      if (!(field in fields))
        throw new RefusedError(refusals.badRequest(`field label not supported: ${field}`));
      return fields[field] === value;
    });
}

/** What a query selects. */
export function selectorOf(query: URLSearchParams): Selector {
  const labels = query.get('labelSelector') ?? '';
  const fields = query.get('fieldSelector') ?? '';
  const all = [
    ...(labels === '' ? [] : [labelSelector(labels)]),
    ...(fields === '' ? [] : [fieldSelector(fields)]),
  ];
  return (object) => all.every((selects) => selects(object));
}
