import { randomInt } from 'node:crypto';
import net from 'node:net';

/**
 * Where ports are looked for: under those that systems give to connections and to who listens on any, so
 * that one which is free now is so still when its server starts, and when it is started anew.
 */
const [firstPort, endPort] = [15_000, 30_000];

function canListen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = net.createServer();
    server.once('error', () => resolve(false));
    server.listen({ host: '127.0.0.1', port, exclusive: true }, () => {
      server.close(() => resolve(true));
    });
  });
}

/**
 * `preferred` when nobody listens on it on loopback (0 is any), else another that is free. Ports in `taken`
 * are passed over too: they are promised, though nobody listens yet.
 */
export async function freePort(preferred: number, taken: readonly number[] = []): Promise<number> {
  const isFree = async (port: number): Promise<boolean> =>
    !taken.includes(port) && (await canListen(port));
  if (preferred !== 0 && (await isFree(preferred))) return preferred;
  for (let tries = 0; tries < 1_000; tries += 1) {
    const port = randomInt(firstPort, endPort);
    if (await isFree(port)) return port;
  }
  throw new Error(`No port of 127.0.0.1 from ${firstPort} to ${endPort - 1} can be listened on.`);
}
