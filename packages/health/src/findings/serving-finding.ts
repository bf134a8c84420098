import { count } from '@slipway/runtime';
import type { Finding } from '../judge/index.ts';

/** A Service that is about the new pods, as it was read last. */
export interface ServingService {
  name: string;
  /**
   * `selects`: the new pods. `lost`: pods of earlier revisions, but not the new ones. `namesake`: nothing,
   * though it has the workload's name and no other Service selects the pods.
   */
  relation: 'selects' | 'lost' | 'namesake';
  /** `app=api,tier=web`. */
  selector: string;
}

/** A pod that is ready and not among a Service's ready endpoints. */
export interface Unserved {
  service: string;
  pod: string;
  why: string;
  /** When that was seen first, milliseconds since 1970. */
  sinceMs: number;
}

/** What was read of the Services. */
export interface ServingEvidence {
  services: readonly ServingService[];
  unserved: readonly Unserved[];
  /** Since when no pod has been unserved for longer than controllers take. Milliseconds since 1970. */
  wellSinceMs: number;
}

/** Controllers take about a second to fill EndpointSlices; busy ones some more. */
export const fillsWithinMs = 15_000;
/** From then on requests do not reach the pod, whatever it is good for. */
const lostAfterMs = 45_000;

function unselected({ name, relation, selector }: ServingService): string {
  return relation === 'lost'
    ? `service/${name} selects ${selector}: earlier pods have these labels, the new ones have not`
    : `service/${name} selects ${selector}, which no pod has`;
}

/**
 * Whether the Services send requests to the new pods; undefined when none is about them. That takes time to
 * tell for certain: until then a missing endpoint keeps the verdict open.
 */
export function servingFinding(evidence: ServingEvidence, nowMs: number): Finding | undefined {
  const check = 'serving';
  const { services, unserved, wellSinceMs } = evidence;
  if (services.length === 0) return undefined;
  const worst = [...unserved].sort((a, b) => a.sinceMs - b.sinceMs)[0];
  if (worst === undefined) {
    const names = services.map(({ name }) => name).join(', ');
    return { check, state: 'good', detail: `every ready pod is served by ${names}`, wellSinceMs };
  }
  const broken = services.find(
    ({ name, relation }) => name === worst.service && relation !== 'selects',
  );
  const forMs = nowMs - worst.sinceMs;
  const who = count(new Set(unserved.map(({ pod }) => pod)).size, 'ready pod');
  const detail =
    broken === undefined
      ? `${who} not among the ready endpoints of service/${worst.service}: pod/${worst.pod} ${worst.why}`
      : unselected(broken);
  return {
    check,
    state: forMs >= lostAfterMs ? 'bad' : 'open',
    detail,
    ...(forMs < fillsWithinMs ? { wellSinceMs } : {}),
    wouldChange: 'every ready pod among the ready endpoints of its Services',
    next: `Look at: kubectl describe service/${worst.service}, and compare its selector and ports with the pods' labels and ports.`,
  };
}
