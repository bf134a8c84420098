import type { Pod } from '@slipway/kube';
import type { ProbeOutcome } from '../../findings/index.ts';
import { askHttp } from './http-probe.ts';
import { refusedOutcome, type AskingPorts } from './outcome.ts';
import { ForwardRefusal } from './pod-connection.ts';
import { askGrpc, askTcp } from './port-probe.ts';
import type { ProbeTarget } from './probe-target.ts';

/** What the kubelet says came of the probes that only it can make. */
export function kubeletsWord(
  pod: Pod,
  target: Pick<ProbeTarget, 'container' | 'kinds'>,
): ProbeOutcome {
  const status = [
    ...(pod.status?.containerStatuses ?? []),
    ...(pod.status?.initContainerStatuses ?? []),
  ].find(({ name }) => name === target.container);
  if (status === undefined)
    return {
      kind: 'unasked',
      settled: false,
      why: `the kubelet has not told of container ${target.container} yet`,
    };
  const holds = {
    readiness: status.ready,
    startup: status.started !== false,
    liveness: status.state?.running !== undefined,
  };
  const broken = target.kinds.find((kind) => !holds[kind]);
  return broken === undefined
    ? { kind: 'well', durationMs: 0 }
    : {
        kind: 'unasked',
        settled: false,
        why: `the kubelet’s ${broken} probe of container ${target.container} does not succeed`,
      };
}

/**
 * Asks one pod one thing, as the kubelet does. Throws KubeError when the API server is not there, and the
 * reason of the signal.
 */
export async function askPod(
  ports: AskingPorts,
  pod: Pod,
  target: ProbeTarget,
): Promise<ProbeOutcome> {
  const { action } = target;
  const { ways } = ports;
  // After its success the kubelet never makes a startup probe again, so the pod need not answer it.
  if (action.kind === 'kubelet' || target.kinds.join() === 'startup')
    return kubeletsWord(pod, target);
  if (action.kind === 'http') return await askHttp(ports, pod, target, action);
  if (!ways.forward()) return action.kind === 'tcp' ? kubeletsWord(pod, target) : ways.closed();
  if (action.port === undefined)
    return { kind: 'unasked', settled: true, why: 'the container has no such port' };
  try {
    return action.kind === 'grpc'
      ? await askGrpc(ports, pod, target, action)
      : await askTcp(ports, pod, target, action.port);
  } catch (error) {
    if (!(error instanceof ForwardRefusal)) throw error;
    ways.noteRefusal(error.status);
    return refusedOutcome(ways, error);
  }
}
