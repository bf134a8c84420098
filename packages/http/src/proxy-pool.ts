import { Pool, type Dispatcher } from 'undici';

/**
 * The connections to a proxy. A proxy that hangs up on CONNECT makes undici 6 connect again for ever
 * (lib/dispatcher/client.js, onError: a socket error while nothing runs fails no request), so such an
 * error gets another code, and the name of the proxy.
 */
export function proxyPool(origin: URL, options: object): Pool {
  const pool = new Pool(origin, options);
  const connect = (request: Dispatcher.ConnectOptions): Promise<Dispatcher.ConnectData> =>
    new Promise((resolve, reject) => {
      Pool.prototype.connect.call(pool, request, (error, data) => {
        if (error === null) resolve(data);
        else {
          const refused = new Error(`The proxy ${origin.host} did not open a tunnel.`, {
            cause: error,
          });
          reject(Object.assign(refused, { code: 'ERR_PROXY_TUNNEL' }));
        }
      });
    });
  return Object.assign(pool, { connect });
}
