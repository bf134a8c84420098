import { createHash, randomBytes } from 'node:crypto';
import type { Duplex } from 'node:stream';
import type { UpgradeAnswer } from '@slipway/http';
import { InputError, quietLimit, type Clock } from '@slipway/runtime';
import type { Connection } from '../connection.ts';
import { forwardedStream } from './forwarded-stream.ts';
import { kubeErrorOf } from '../kube-error.ts';
import { failureOf } from '../request.ts';

/** One connection to one port of a pod. */
export interface PortForwardRequest {
  namespace: string;
  pod: string;
  port: number;
  /** For the way there; the connection itself has no limit. */
  timeoutMs: number;
  signal?: AbortSignal | undefined;
}

/** A connection, or who refused it. */
export type PortForward =
  /** Bytes as the pod sends and gets them; see forwarded-stream.ts on its errors. Destroy it when done. */
  | { kind: 'open'; stream: Duplex }
  /** The API server or the node did not let us: 403 without the right, 404 when the pod is gone. */
  | { kind: 'refused'; status: number; message: string };

const protocol = 'v4.channel.k8s.io';
/** RFC 6455, section 1.3. */
const acceptance = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/**
 * Connects to a port inside a pod, past network policies, through the API server and the pod's node. Needs
 * `get` on `pods/portforward` and, since Kubernetes 1.35, `create` (KEP-4006, gate
 * AuthorizePodWebsocketUpgradeCreatePermission). The protocol is the older of the two that API servers from
 * 1.27 on take: they hand it through to the node's runtime, where the newer one (SPDY in a WebSocket, since
 * 1.30) needs an implementation of SPDY. Throws KubeError when the API server cannot be reached.
 */
export async function portForward(
  ports: { connection: Connection; clock: Clock; signal: AbortSignal | undefined },
  request: PortForwardRequest,
): Promise<PortForward> {
  const { connection, clock } = ports;
  const { namespace, pod, port, timeoutMs } = request;
  const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(pod)}/portforward?ports=${port}`;
  const outer = [ports.signal, request.signal].filter((signal) => signal !== undefined);
  const key = randomBytes(16).toString('base64');
  const once = async (): Promise<UpgradeAnswer> => {
    const { upgrade, headers } = await connection.ready();
    const limit = quietLimit(clock, timeoutMs, ...outer);
    return await upgrade(connection.server + path, {
      protocol: 'websocket',
      headers: {
        ...Object.fromEntries(headers),
        'user-agent': 'slipway',
        'sec-websocket-version': '13',
        'sec-websocket-key': key,
        'sec-websocket-protocol': protocol,
      },
      signal: limit.signal,
    }).finally(limit.end);
  };
  const send = (): Promise<UpgradeAnswer> =>
    once().catch((error: unknown) => {
      for (const signal of outer) signal.throwIfAborted();
      const asked = { method: 'GET', path, timeoutMs };
      throw error instanceof InputError ? error : failureOf(error, asked, connection.server);
    });
  const first = await send();
  const isUnknown = first.kind === 'answered' && first.status === 401 && connection.renew();
  const answer = isUnknown ? await send() : first;
  if (answer.kind === 'answered') {
    const { server } = connection;
    const { message } = kubeErrorOf(answer, {
      method: 'GET',
      path: path.split('?')[0] ?? '',
      server,
    });
    return { kind: 'refused', status: answer.status, message };
  }
  const { headers, socket } = answer;
  const accepted = createHash('sha1')
    .update(key + acceptance)
    .digest('base64');
  if (
    headers['sec-websocket-accept'] === accepted &&
    headers['sec-websocket-protocol'] === protocol
  )
    return { kind: 'open', stream: forwardedStream(socket) };
  socket.destroy();
  const message = `The server does not speak ${protocol}.`;
  return { kind: 'refused', status: 101, message };
}
