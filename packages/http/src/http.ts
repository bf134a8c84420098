import { EnvHttpProxyAgent, fetch as undiciFetch } from 'undici';
import type { Fetch } from '@slipway/runtime';

/** TLS of one server. PEM texts. */
export interface TlsOptions {
  ca?: string;
  cert?: string;
  key?: string;
  serverName?: string;
  insecureSkipVerify?: boolean;
}

/** What a fetch made by `createFetch` holds open; close it before the process ends. */
export interface HttpClient {
  fetch: Fetch;
  close(): Promise<void>;
}

/**
 * A fetch that goes through the proxies of `env` (HTTP_PROXY, HTTPS_PROXY, NO_PROXY, either case) and
 * trusts the certificates in `tls` besides those that Node was told of.
 */
export function createHttpClient(options: {
  env: Readonly<Record<string, string | undefined>>;
  tls?: TlsOptions;
  connectTimeoutMs?: number;
}): HttpClient {
  const { env, tls } = options;
  const connect = {
    timeout: options.connectTimeoutMs ?? 10_000,
    ...(tls?.ca === undefined ? {} : { ca: tls.ca }),
    ...(tls?.cert === undefined ? {} : { cert: tls.cert }),
    ...(tls?.key === undefined ? {} : { key: tls.key }),
    ...(tls?.serverName === undefined ? {} : { servername: tls.serverName }),
    ...(tls?.insecureSkipVerify === true ? { rejectUnauthorized: false } : {}),
  };
  const httpProxy = env['http_proxy'] ?? env['HTTP_PROXY'];
  const httpsProxy = env['https_proxy'] ?? env['HTTPS_PROXY'];
  const agent = new EnvHttpProxyAgent({
    connect,
    noProxy: env['no_proxy'] ?? env['NO_PROXY'] ?? '',
    ...(httpProxy === undefined ? {} : { httpProxy }),
    ...(httpsProxy === undefined ? {} : { httpsProxy }),
  });
  return {
    // undici's own RequestInit and Response differ from the platform's in name only.
    fetch: (url, init) =>
      (undiciFetch as unknown as (url: string | URL, init: object) => Promise<Response>)(url, {
        ...init,
        dispatcher: agent,
      }),
    close: () => agent.destroy(),
  };
}
