import type { Cause } from '@slipway/kube';
import { fieldText } from './diff-text.ts';
import type { FieldChange } from './field-changes.ts';
import type { ObjectDiff } from './object-diff.ts';

/** Which fields can bring which cause; all others are fields of the last resort. */
const suspects: readonly (readonly [reason: RegExp, field: RegExp])[] = [
  [/Image|Registry/, /\.image(?:PullPolicy)?$|imagePullSecrets/],
  [/OOMKilled/, /resources|\.image$/],
  [/Unschedulable|Quota/, /resources|nodeSelector|affinity|tolerations|topology|volumes|replicas/],
  [/Probe/, /Probe|ports|\.image$/],
  [/Config|Mount|Volume/, /env|volume|secret|configMap/i],
  [/./, /\.image$|\.(?:env|args|command|envFrom)\b/],
];

/** The changed object whose pods the cause is about: the longest name that the pod's begins with. */
function blamed({ object }: Cause, diffs: readonly ObjectDiff[]): ObjectDiff | undefined {
  const [, name = ''] = object.split('/');
  return diffs
    .filter((diff) => {
      const [, own = ''] = diff.object.split('/');
      return (
        diff.change === 'changed' && own !== '' && (name === own || name.startsWith(`${own}-`))
      );
    })
    .filter(({ fields }) => fields.some(({ path }) => path.startsWith('spec')))
    .sort((a, b) => b.object.length - a.object.length)[0];
}

/** What brought a cause, as far as the diff tells. */
export interface Suspicion {
  /** `Deployment/api`. */
  object: string;
  fields: readonly FieldChange[];
  /** The fields in lines, as the diff has them. */
  lines: readonly string[];
}

const most = 3;

/**
 * The changes that most likely brought `cause`, at most three: those of the workload's own container
 * in fields that can. Undefined when nothing of the workload changed, so that they cannot be.
 */
export function broughtBy(cause: Cause, diffs: readonly ObjectDiff[]): Suspicion | undefined {
  const diff = blamed(cause, diffs);
  if (diff === undefined) return undefined;
  const { container } = cause;
  const elsewhere = (path: string): boolean =>
    path.includes('ontainers[') && container !== undefined && !path.includes(`[${container}]`);
  const own = diff.fields.filter(({ path }) => path.startsWith('spec') && !elsewhere(path));
  const [, field = /./] = suspects.find(([reason]) => reason.test(cause.reason)) ?? [];
  const likely = own.filter(({ path }) => field.test(path));
  const fields = (likely.length > 0 ? likely : own).slice(0, most);
  if (fields.length === 0) return undefined;
  return { object: diff.object, fields, lines: fields.flatMap(fieldText) };
}
