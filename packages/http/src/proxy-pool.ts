import { Pool, type Dispatcher } from 'undici';
import { isPassingStatus } from './passing-status.ts';

/**
 * The connections to a proxy, whose errors name it. A proxy that hangs up on CONNECT makes undici 7
 * connect again for ever (lib/dispatcher/client.js, onError: a socket error while nothing runs fails no
 * request; mended in undici 8, nodejs/undici#3897), so such an error gets another code.
 */
export function proxyPool(origin: URL, options: object): Pool {
  const pool = new Pool(origin, options);
  const failure = (how: string, given: { code: string; cause?: Error }): Error => {
    const message = `The proxy ${origin.host} did not open a tunnel${how}.`;
    return Object.assign(new Error(message), given);
  };
  const connect = (request: Dispatcher.ConnectOptions): Promise<Dispatcher.ConnectData> =>
    new Promise((resolve, reject) => {
      Pool.prototype.connect.call(pool, request, (error, data) => {
        if (error !== null) {
          reject(failure('', { code: 'ERR_PROXY_TUNNEL', cause: error }));
          return;
        }
        const { socket, statusCode } = data;
        if (statusCode === 200) {
          resolve(data);
          return;
        }
        socket.destroy();
        const code = isPassingStatus(statusCode) ? 'ERR_PROXY_TUNNEL' : 'ERR_PROXY_REFUSED';
        reject(failure(` but answered ${statusCode}`, { code }));
      });
    });
  return Object.assign(pool, { connect });
}
