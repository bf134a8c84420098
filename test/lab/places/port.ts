import net from 'node:net';

function canListen(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = net.createServer();
    server.once('error', () => resolve(undefined));
    server.listen({ host: '127.0.0.1', port, exclusive: true }, () => {
      const address = server.address();
      const found = typeof address === 'object' && address !== null ? address.port : undefined;
      server.close(() => resolve(found));
    });
  });
}

/**
 * `preferred` when nobody listens on it on loopback (0 is any), else a port that the system picks. Ports in
 * `taken` are passed over too: they are promised, though nobody listens yet.
 */
export async function freePort(preferred: number, taken: readonly number[] = []): Promise<number> {
  const wanted = taken.includes(preferred) ? undefined : await canListen(preferred);
  if (wanted !== undefined && !taken.includes(wanted)) return wanted;
  for (;;) {
    const port = await canListen(0);
    if (port === undefined) throw new Error('No port on 127.0.0.1 can be listened on.');
    if (!taken.includes(port)) return port;
  }
}
