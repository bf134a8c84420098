import type { Clock } from '@slipway/runtime';
import { brokenBy, type Connect } from './pod-connection.ts';

/** Whether something listens on a port. */
export type TcpAnswer = { kind: 'open' } | { kind: 'broken'; why: string };

/** A node that cannot connect says so at once; a protocol without a word for success leaves only waiting. */
const waitMs = 500;

/**
 * Connects to a port and hangs up, as a TCP probe of the kubelet does. A service that hangs up itself is
 * connected, as it is for the kubelet. Throws what `connect` throws, and the reason of `signal`.
 */
export async function connectAsKubelet(
  ports: { connect: Connect; clock: Clock; signal: AbortSignal },
  question: { port: number; timeoutMs: number },
): Promise<TcpAnswer> {
  const { connect, clock, signal } = ports;
  const { port, timeoutMs } = question;
  const stream = await connect(port, { timeoutMs, signal });
  const told = new AbortController();
  try {
    const refused = new Promise<TcpAnswer>((resolve) => {
      stream.on('error', (error) => resolve({ kind: 'broken', why: brokenBy(error) }));
    });
    const heard = new Promise<TcpAnswer>((resolve) => {
      stream.on('data', () => resolve({ kind: 'open' }));
      stream.on('end', () => resolve({ kind: 'open' }));
    });
    const quiet = clock
      .sleep(waitMs, AbortSignal.any([signal, told.signal]))
      .then((): TcpAnswer => ({ kind: 'open' }));
    quiet.catch(() => undefined);
    return await Promise.race([refused, heard, quiet]);
  } finally {
    told.abort();
    stream.destroy();
  }
}
