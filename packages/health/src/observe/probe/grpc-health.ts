import type http2 from 'node:http2';
import type { Duplex } from 'node:stream';
import { quietLimit, type Clock } from '@slipway/runtime';
import { brokenBy, ForwardRefusal, type Connect } from './pod-connection.ts';

/** What a gRPC server says of one of its services. */
export type GrpcHealth =
  /** SERVING, NOT_SERVING and so on (grpc/health/v1/health.proto). */
  | { kind: 'answered'; serving: boolean; said: string }
  /** The call failed: `code` is gRPC's own. */
  | { kind: 'failed'; code: number; said: string }
  | { kind: 'broken'; why: string }
  | { kind: 'silent' };

const states = ['UNKNOWN', 'SERVING', 'NOT_SERVING', 'SERVICE_UNKNOWN'] as const;
const prefixBytes = 5;
const maxAnswerBytes = 65_536;
/** NGHTTP2_CANCEL. */
const cancelled = 8;

/** The length of a field, as protobuf writes it: seven bits at a time. */
function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 0x7f) {
    bytes.push((rest & 0x7f) | 0x80);
    rest >>>= 7;
  }
  return Buffer.from([...bytes, rest]);
}

/** HealthCheckRequest: `string service = 1`, in one message of gRPC. */
function requestMessage(service: string): Buffer {
  const text = Buffer.from(service);
  const message =
    text.length === 0 ? text : Buffer.concat([Buffer.from([0x0a]), varint(text.length), text]);
  const prefix = Buffer.alloc(prefixBytes);
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}

/** HealthCheckResponse: `ServingStatus status = 1`; 0, its default, is not written. */
function answeredStatus(bytes: Buffer): number {
  const message = bytes.subarray(prefixBytes);
  return message[0] === 0x08 ? (message[1] ?? 0) : 0;
}

function call(
  session: http2.ClientHttp2Session,
  service: string,
  timeoutMs: number,
): Promise<GrpcHealth> {
  return new Promise((resolve, reject) => {
    session.on('error', reject);
    const stream = session.request({
      ':method': 'POST',
      ':path': '/grpc.health.v1.Health/Check',
      'content-type': 'application/grpc',
      'user-agent': 'kube-probe/1.0 (slipway)',
      'grpc-timeout': `${Math.ceil(timeoutMs)}m`,
      te: 'trailers',
    });
    const chunks: Buffer[] = [];
    let bytes = 0;
    let status: http2.IncomingHttpHeaders = {};
    // A call that fails at once has its status in the headers, any other in the trailers.
    const note = (headers: http2.IncomingHttpHeaders): void => {
      status = { ...status, ...headers };
    };
    stream.on('response', note);
    stream.on('trailers', note);
    stream.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= maxAnswerBytes) chunks.push(chunk);
      else stream.close(cancelled);
    });
    stream.on('error', reject);
    stream.on('end', () => {
      const code = Number(status['grpc-status'] ?? Number.NaN);
      const said = decoded([status['grpc-message'] ?? ''].join(''));
      if (code === 0) {
        const state = states[answeredStatus(Buffer.concat(chunks))] ?? 'UNKNOWN';
        resolve({ kind: 'answered', serving: state === 'SERVING', said: state });
      } else if (Number.isNaN(code))
        resolve({ kind: 'broken', why: `HTTP status ${Number(status[':status'])}, not gRPC` });
      else resolve({ kind: 'failed', code, said });
    });
    stream.end(requestMessage(service));
  });
}

function decoded(message: string): string {
  try {
    return decodeURIComponent(message).slice(0, 120);
  } catch {
    return message.slice(0, 120);
  }
}

/**
 * Makes the call of a gRPC probe as the kubelet makes it (k8s.io/kubernetes v1.36, pkg/probe/grpc): HTTP/2
 * without TLS, `grpc.health.v1.Health/Check`. Throws what `connect` throws, and the reason of `signal`.
 */
export async function checkGrpcHealth(
  ports: { connect: Connect; clock: Clock; signal: AbortSignal },
  question: { port: number; service: string; timeoutMs: number },
): Promise<GrpcHealth> {
  const { connect, clock, signal } = ports;
  const { port, service, timeoutMs } = question;
  const limit = quietLimit(clock, timeoutMs, signal);
  let connection: Duplex | undefined;
  let session: http2.ClientHttp2Session | undefined;
  const stop = (): void => {
    session?.destroy();
    connection?.destroy(limit.signal.reason as Error);
  };
  limit.signal.addEventListener('abort', stop, { once: true });
  try {
    // Loading it takes longer than all else here, and few need it.
    const { connect: connectHttp2 } = await import('node:http2');
    const stream = await connect(port, { timeoutMs, signal: limit.signal });
    connection = stream;
    const broken = new Promise<never>((_, reject) => stream.on('error', reject));
    session = connectHttp2('http://pod', { createConnection: () => stream });
    const closed = new Promise<never>((_, reject) =>
      stream.on('close', () => reject(new Error('the connection was cut before an answer'))),
    );
    // Once the call has ended, nobody waits for these.
    for (const end of [broken, closed]) end.catch(() => undefined);
    return await Promise.race([call(session, service, timeoutMs), broken, closed]);
  } catch (error) {
    signal.throwIfAborted();
    if (limit.signal.aborted) return { kind: 'silent' };
    if (error instanceof ForwardRefusal || (error as Error).name === 'KubeError') throw error;
    return { kind: 'broken', why: brokenBy(error) };
  } finally {
    limit.end();
    limit.signal.removeEventListener('abort', stop);
    session?.destroy();
    connection?.destroy();
  }
}
