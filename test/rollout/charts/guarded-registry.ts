import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A registry on loopback that wants a login, before one that wants none. */
export interface GuardedRegistry {
  /** `127.0.0.1:port`. */
  host: string;
  close: () => void;
}

/** Hands requests with the login `user:password` on to the registry at `host`, and refuses others. */
export async function guardRegistry(host: string, login: string): Promise<GuardedRegistry> {
  const wanted = `Basic ${Buffer.from(login).toString('base64')}`;
  const server = createServer((incoming, response) => {
    if (incoming.headers.authorization !== wanted) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="charts"' }).end();
      return;
    }
    const { method, url, headers } = incoming;
    const onward = request(`http://${host}${url ?? '/'}`, { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', () => response.writeHead(502).end());
    incoming.pipe(onward);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
