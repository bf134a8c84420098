import type { Pod } from '@slipway/kube';
import type { ProbeOutcome } from '../../findings/index.ts';
import { checkGrpcHealth } from './grpc-health.ts';
import type { ProbeAction } from './kubelet-probe.ts';
import { failed, silence, type AskingPorts } from './outcome.ts';
import { connectTo } from './pod-connection.ts';
import type { ProbeTarget } from './probe-target.ts';
import { connectAsKubelet } from './tcp-connection.ts';

/** Makes a gRPC probe through a port-forward. Throws ForwardRefusal when there is none. */
export async function askGrpc(
  ports: AskingPorts,
  pod: Pod,
  target: ProbeTarget,
  action: Extract<ProbeAction, { kind: 'grpc' }>,
): Promise<ProbeOutcome> {
  const { client, clock, signal, ways, onSend } = ports;
  const { timeoutMs } = target;
  const began = clock.now();
  onSend();
  const answer = await checkGrpcHealth(
    { connect: connectTo(client, pod), clock, signal },
    { ...action, timeoutMs },
  );
  const durationMs = clock.now() - began;
  switch (answer.kind) {
    case 'answered':
      ways.noteReached();
      return answer.serving
        ? { kind: 'well', durationMs }
        : failed(`grpc.health.v1 says ${answer.said}`, durationMs);
    case 'failed': {
      ways.noteReached();
      // NOT_FOUND, PERMISSION_DENIED, UNIMPLEMENTED, UNAUTHENTICATED.
      const doubt = [5, 7, 12, 16].includes(answer.code) ? 'question' : undefined;
      return failed(
        `gRPC status ${answer.code}${answer.said === '' ? '' : `, ${JSON.stringify(answer.said)}`}`,
        durationMs,
        doubt,
      );
    }
    case 'broken':
      return failed(answer.why, durationMs, 'way');
    case 'silent':
      return silence(ports, timeoutMs);
  }
}

/** Makes a TCP probe through a port-forward. Throws ForwardRefusal when there is none. */
export async function askTcp(
  ports: AskingPorts,
  pod: Pod,
  target: ProbeTarget,
  port: number,
): Promise<ProbeOutcome> {
  const { client, clock, signal } = ports;
  const began = clock.now();
  const answer = await connectAsKubelet(
    { connect: connectTo(client, pod), clock, signal },
    { port, timeoutMs: target.timeoutMs },
  );
  const durationMs = clock.now() - began;
  return answer.kind === 'open'
    ? { kind: 'well', durationMs }
    : failed(answer.why, durationMs, 'way');
}
