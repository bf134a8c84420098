import type { Pod } from '@slipway/kube';
import { formatDuration } from '@slipway/runtime';
import { restartsOf, type RunningPods } from './running-pods.ts';

/** How long pods are watched before a rollback counts as proven. */
export const soakMs = 5_000;

const uidOf = ({ metadata }: Pod): string => metadata?.uid ?? '';

/** Pods whose containers were started anew between two looks, in words. One that left says nothing. */
export function doubtsOfSoak(
  before: readonly RunningPods[],
  after: readonly RunningPods[],
): readonly string[] {
  const known = new Map(
    before.flatMap(({ staying }) => staying.map((pod) => [uidOf(pod), restartsOf(pod)] as const)),
  );
  return after.flatMap(({ staying }) =>
    staying.flatMap((pod) => {
      const more = restartsOf(pod) - (known.get(uidOf(pod)) ?? 0);
      if (more <= 0) return [];
      const name = `pod/${pod.metadata?.name ?? ''}`;
      return [`${name} was restarted while it was watched for ${formatDuration(soakMs)}`];
    }),
  );
}
