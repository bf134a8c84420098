import type { Duplex } from 'node:stream';
import { PortForwardError, type KubeClient, type Pod } from '@slipway/kube';

/** A port-forward that was not granted: by the API server, or by the node that the pod runs on. */
export class ForwardRefusal extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = 'ForwardRefusal';
    this.status = status;
  }
}

/** Connects to a port of one pod. Throws ForwardRefusal, and KubeError when the API server is not there. */
export type Connect = (
  port: number,
  limit: { timeoutMs: number; signal: AbortSignal },
) => Promise<Duplex>;

/** Connections to the ports of `pod`. */
export function connectTo(client: KubeClient, pod: Pod): Connect {
  return async (port, limit) => {
    const { namespace = '', name = '' } = pod.metadata ?? {};
    const forward = await client.portForward({ namespace, pod: name, port, ...limit });
    if (forward.kind === 'open') return forward.stream;
    throw new ForwardRefusal(forward.status, forward.message);
  };
}

/** What a connection that broke says, in few words. */
export function brokenBy(error: unknown): string {
  if (error instanceof PortForwardError)
    return /refused/i.test(error.message)
      ? 'connection refused'
      : error.message.replace(/^error forwarding port \d+ to pod [^:]*: /, '').slice(0, 200);
  const { message, code } = error as { message?: string; code?: string };
  if (code === 'ECONNRESET' || code === 'EPIPE') return 'the connection was cut before an answer';
  return (message ?? 'the connection broke').slice(0, 200);
}
