import type { Duplex } from 'node:stream';
import type { Dispatcher } from 'undici';

/** A request to go on with another protocol on the same connection (RFC 9110, section 7.8). */
export interface UpgradeRequest {
  /** `websocket`. */
  protocol: string;
  headers: Readonly<Record<string, string>>;
  signal?: AbortSignal | undefined;
}

/** What came of it. */
export type UpgradeAnswer =
  | { kind: 'upgraded'; headers: Readonly<Record<string, string>>; socket: Duplex }
  /** The server stays with HTTP; the beginning of what it says. */
  | { kind: 'answered'; status: number; body: string };

/** Asks a server for another protocol. Rejects as fetch does when it cannot be reached. */
export type Upgrade = (url: string | URL, request: UpgradeRequest) => Promise<UpgradeAnswer>;

const maxBodyBytes = 65_536;

function single(headers: Readonly<Record<string, string | string[] | undefined>>) {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, Array.isArray(value) ? value.join(', ') : value]],
    ),
  );
}

/**
 * An upgrade through `dispatcher`. undici's own `upgrade` and WebSocket keep the status of a refusal to
 * themselves (lib/api/api-upgrade.js: "bad upgrade"), and it is what tells a missing right from a pod
 * that is gone.
 */
export function upgradeThrough(dispatcher: Dispatcher): Upgrade {
  return (url, request) =>
    new Promise((resolve, reject) => {
      const { origin, pathname, search } = new URL(url);
      const { signal, protocol } = request;
      if (signal?.aborted === true) {
        reject(signal.reason as Error);
        return;
      }
      let status = 0;
      let bytes = 0;
      const body: Buffer[] = [];
      let abort = (): void => undefined;
      const give = (answer: UpgradeAnswer): void => {
        signal?.removeEventListener('abort', abort);
        resolve(answer);
      };
      const answered = (): void =>
        give({ kind: 'answered', status, body: Buffer.concat(body).toString() });
      dispatcher.dispatch(
        {
          origin,
          path: pathname + search,
          method: 'GET',
          upgrade: protocol,
          headers: request.headers,
        },
        {
          onRequestStart: (controller) => {
            abort = () => controller.abort(signal?.reason as Error);
            signal?.addEventListener('abort', abort, { once: true });
          },
          onRequestUpgrade: (_, __, headers, socket) =>
            give({ kind: 'upgraded', headers: single(headers), socket }),
          onResponseStart: (_, code) => {
            status = code;
          },
          onResponseData: (controller, chunk) => {
            body.push(chunk);
            bytes += chunk.length;
            if (bytes <= maxBodyBytes) return;
            answered();
            controller.abort(new Error('The rest of the answer is not read.'));
          },
          onResponseEnd: answered,
          onResponseError: (_, error) => {
            signal?.removeEventListener('abort', abort);
            reject(signal?.aborted === true ? (signal.reason as Error) : error);
          },
        },
      );
    });
}
