import net from 'node:net';
import type { AddressInfo } from 'node:net';

/** A way to a server that is further off than this machine. */
export interface Distance {
  port: number;
  close(): Promise<void>;
}

/** Hands on what one side says after `delayMs`, in order, and its end after that. */
function handOn(from: net.Socket, to: net.Socket, delayMs: number, opensMs: number): void {
  const later = (act: () => void): void => {
    const waitMs = delayMs + Math.max(0, opensMs - performance.now());
    if (waitMs <= 0) act();
    else setTimeout(act, waitMs);
  };
  from.on('data', (bytes) => later(() => to.write(bytes)));
  from.on('end', () => later(() => to.end()));
  from.on('error', () => to.destroy());
  from.on('close', () => later(() => to.destroy()));
}

/**
 * Listens on loopback and hands bytes on to `host:port` as over a line with this round trip, opening a
 * connection included. What is said on it stays as it is, so TLS goes through.
 */
export async function openDistance(
  to: { host: string; port: number },
  roundTripMs: number,
): Promise<Distance> {
  const sockets = new Set<net.Socket>();
  const server = net.createServer({ noDelay: true }, (near) => {
    const far = net.connect({ ...to, noDelay: true });
    for (const socket of [near, far]) sockets.add(socket);
    near.on('close', () => sockets.delete(near));
    far.on('close', () => sockets.delete(far));
    const opensMs = performance.now() + roundTripMs;
    handOn(near, far, roundTripMs / 2, opensMs);
    handOn(far, near, roundTripMs / 2, 0);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
