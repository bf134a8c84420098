import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';

/** Lets `server` listen on loopback, on a port that the system picks, and gives that port. */
export async function listenOnAnyPort(server: net.Server): Promise<number> {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return (server.address() as AddressInfo).port;
}

/**
 * A port of loopback on which nobody listens and, until `close`, nobody else can: a connection has it as
 * its own end. One that was listened on a moment ago may be another process's by now.
 */
export async function closedPort(): Promise<{ port: number; close: () => Promise<void> }> {
  const server = net.createServer();
  const socket = net.connect({ port: await listenOnAnyPort(server), host: '127.0.0.1' });
  const [[other]] = (await Promise.all([once(server, 'connection'), once(socket, 'connect')])) as [
    [net.Socket],
    unknown,
  ];
  return {
    port: socket.localPort ?? 0,
    close: async () => {
      socket.destroy();
      other.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
