import type { KubeClient } from '@slipway/kube';
import type { Clock } from '@slipway/runtime';
import type { ProbeOutcome } from '../../findings/index.ts';
import type { ForwardRefusal } from './pod-connection.ts';
import type { WaysIntoPods } from './ways-into-pods.ts';

/** What asking needs of the world. */
export interface AskingPorts {
  client: KubeClient;
  clock: Clock;
  signal: AbortSignal;
  /** Which ways into pods are open, and what they are good for. */
  ways: WaysIntoPods;
  /** A request is about to be sent that may reach the pod. */
  onSend: () => void;
}

/** An attempt that failed. */
export function failed(why: string, durationMs: number, doubt?: 'question' | 'way'): ProbeOutcome {
  return { kind: 'failed', why, durationMs, ...(doubt === undefined ? {} : { doubt }) };
}

/** No answer in time. Until any pod has answered, it may be the way there. */
export function silence({ ways }: AskingPorts, timeoutMs: number): ProbeOutcome {
  const why = `no answer within ${timeoutMs / 1_000} s`;
  return ways.reached() ? failed(why, timeoutMs) : { kind: 'unasked', why, settled: false };
}

/** What was refused on the way, for people. */
export function refusedOutcome(ways: WaysIntoPods, error: ForwardRefusal): ProbeOutcome {
  if (error.status === 403)
    return {
      kind: 'unasked',
      why: `these credentials lack ${ways.forwardRights} (${error.message})`,
      settled: true,
      next: ways.advice(),
    };
  return { kind: 'unasked', why: error.message, settled: false };
}
