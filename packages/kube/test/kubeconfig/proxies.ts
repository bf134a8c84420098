import http from 'node:http';
import https from 'node:https';
import net from 'node:net';

/** A proxy on loopback that takes every name for 127.0.0.1 and notes that it was used. */
export interface Proxy {
  port: number;
  close(): Promise<void>;
}

async function listen(server: net.Server): Promise<Proxy> {
  const sockets = new Set<net.Socket>();
  server.on('connection', (socket: net.Socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as net.AddressInfo).port,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function join(client: net.Socket, port: number, opened: Buffer): void {
  const server = net.connect(port, '127.0.0.1', () => {
    client.write(opened);
    server.pipe(client).pipe(server);
  });
  server.on('error', () => client.destroy());
  client.on('error', () => server.destroy());
  client.on('close', () => server.destroy());
}

/** A proxy that tunnels, spoken to in HTTP, or in HTTPS when `tls` is given. */
export function startTunnelProxy(
  onUse: () => void,
  tls?: { cert: string; key: string },
): Promise<Proxy> {
  const refuse: http.RequestListener = (_, response) => response.writeHead(405).end();
  const proxy = tls === undefined ? http.createServer(refuse) : https.createServer(tls, refuse);
  proxy.on('connect', (request: http.IncomingMessage, client: net.Socket) => {
    onUse();
    const opened = Buffer.from('HTTP/1.1 200 Connection Established\r\n\r\n');
    join(client, Number(request.url?.split(':')[1]), opened);
  });
  return listen(proxy);
}

/** A SOCKS5 proxy without a password (RFC 1928), for names and IPv4 addresses. */
export function startSocksProxy(onUse: () => void): Promise<Proxy> {
  return listen(
    net.createServer((client) => {
      client.once('data', () => {
        client.write(Buffer.from([5, 0]));
        client.once('data', (asked) => {
          onUse();
          const addressBytes = asked[3] === 3 ? 1 + (asked[4] ?? 0) : 4;
          join(
            client,
            asked.readUInt16BE(4 + addressBytes),
            Buffer.from([5, 0, 0, 1, 0, 0, 0, 0, 0, 0]),
          );
        });
      });
    }),
  );
}
