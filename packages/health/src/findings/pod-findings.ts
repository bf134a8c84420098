import { causeText } from '@slipway/kube';
import { restartsOf, type PodRecord, type RolloutTruth } from '@slipway/rollout';
import { count } from '@slipway/runtime';
import type { Finding } from '../judge/index.ts';

function notesOn(truth: RolloutTruth): string[] {
  const restarts = truth.present.reduce((sum, { pod }) => sum + restartsOf(pod), 0);
  const flaps = truth.pods.reduce((sum, { flapsMs }: PodRecord) => sum + flapsMs.length, 0);
  return [
    ...(restarts === 0 ? [] : [count(restarts, 'restart')]),
    ...(flaps === 0 ? [] : [`readiness was lost ${flaps === 1 ? 'once' : `${flaps} times`}`]),
  ];
}

/**
 * What the new pods' history says: one fault of a pod that was to stay is bad for certain; one lost
 * readiness alone only begins the soak anew.
 */
export function podFinding(truth: RolloutTruth): Finding {
  const check = 'pods';
  const [fault] = truth.faults;
  if (fault !== undefined) {
    const { cause } =
      truth.troubles.find((trouble) => trouble.cause.object === `pod/${fault.pod}`) ?? {};
    return {
      check,
      state: 'bad',
      detail: cause === undefined ? fault.text : `${fault.text}; ${causeText(cause)}`,
      wouldChange: 'pods that stay ready and are not restarted',
      next: `Look at: kubectl logs --previous pod/${fault.pod}`,
    };
  }
  const { present, serving, desired } = truth;
  const notes = notesOn(truth);
  const detail = [`${serving} of ${desired} new pods are ready`, ...notes].join(', ');
  return serving >= desired && serving === present.length
    ? { check, state: 'good', detail: notes.length === 0 ? `${detail}, no restart` : detail }
    : { check, state: 'open', detail, wouldChange: 'every new pod ready' };
}
