import type http from 'node:http';
import { TLSSocket } from 'node:tls';

/** What a credential plugin was given. */
export interface PluginRun {
  args: readonly string[];
  env: Readonly<Record<string, string>>;
  info: unknown;
}

/** What of a request arrived at the API server. */
export interface Arrival {
  server: 'https' | 'http';
  path: string;
  /** The name that TLS asked for; absent for addresses. */
  sni?: string;
  /** The subject of the client certificate. */
  certificate?: string;
  /** `authorization` and those of impersonation, in the order of their names. */
  headers: readonly (readonly [string, string])[];
}

/** What a reader made of a kubeconfig: a request, or none. */
export type Sight =
  | { refused: true }
  | (Arrival & {
      refused: false;
      proxies: readonly string[];
      plugin?: PluginRun;
      namespace: string;
    });

const told = /^(authorization|impersonate-.*)$/;

function headersOf(request: http.IncomingMessage): [string, string][] {
  const { rawHeaders } = request;
  return rawHeaders
    .flatMap((name, at): [string, string][] =>
      at % 2 === 0 && told.test(name.toLowerCase())
        ? [[name.toLowerCase(), rawHeaders[at + 1] ?? '']]
        : [],
    )
    .sort(([a], [b]) => a.localeCompare(b));
}

/** Reads a request of the API server. */
export function arrivalOf(request: http.IncomingMessage): Arrival {
  const { socket } = request;
  const secure = socket instanceof TLSSocket ? socket : undefined;
  const sni = (secure as { servername?: string | false } | undefined)?.servername;
  // Without a client certificate there is an empty object, whatever the types say.
  const subject = secure?.getPeerCertificate().subject as { CN?: string } | undefined;
  return {
    server: secure === undefined ? 'http' : 'https',
    path: (request.url ?? '').replace(/\?.*$/, '').replace(/\/$/, ''),
    ...(typeof sni === 'string' && sni !== '' ? { sni } : {}),
    ...(subject?.CN === undefined ? {} : { certificate: subject.CN }),
    headers: headersOf(request),
  };
}
