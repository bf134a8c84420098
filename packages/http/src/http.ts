import { getCACertificates } from 'node:tls';
import { Agent, fetch as undiciFetch, ProxyAgent, type Dispatcher } from 'undici';
import type { Fetch } from '@slipway/runtime';
import { proxyPool } from './proxy-pool.ts';
import { proxySettings } from './proxy-settings.ts';
import { upgradeThrough, type Upgrade } from './protocol-upgrade.ts';

/** TLS of one server. PEM texts. */
export interface TlsOptions {
  /** The only certificates to trust, as a kubeconfig names them; Node's own are not. */
  ca?: string;
  /** Certificates to trust besides those that Node trusts (its own and NODE_EXTRA_CA_CERTS). */
  extraCa?: string;
  cert?: string;
  key?: string;
  serverName?: string;
  insecureSkipVerify?: boolean;
}

/** What a fetch holds open; close it before the process ends. */
export interface HttpClient {
  fetch: Fetch;
  upgrade: Upgrade;
  close: () => Promise<void>;
}

function trusted({ ca, extraCa }: TlsOptions): string[] | undefined {
  if (ca === undefined && extraCa === undefined) return undefined;
  return [
    ...(ca === undefined ? getCACertificates('default') : [ca]),
    ...(extraCa === undefined ? [] : [extraCa]),
  ];
}

function tlsOf(tls: TlsOptions) {
  const ca = trusted(tls);
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(tls.cert === undefined ? {} : { cert: tls.cert }),
    ...(tls.key === undefined ? {} : { key: tls.key }),
    ...(tls.serverName === undefined ? {} : { servername: tls.serverName }),
    ...(tls.insecureSkipVerify === true ? { rejectUnauthorized: false } : {}),
  };
}

/** Whom to trust as a proxy: the authority that is given for the server, and those of Node. */
function trustOf({ ca, insecureSkipVerify }: TlsOptions) {
  return {
    ...(ca === undefined ? {} : { ca: [...getCACertificates('default'), ca] }),
    ...(insecureSkipVerify === true ? { rejectUnauthorized: false } : {}),
  };
}

/** Headers as fetch hands them to a dispatcher, with those of `more` in full. */
function withHeaders(
  headers: Dispatcher.DispatchOptions['headers'],
  more: Readonly<Record<string, readonly string[]>>,
): Record<string, string | string[]> {
  const merged: Record<string, string | string[]> = { ...(headers as Record<string, string>) };
  for (const [name, values] of Object.entries(more)) merged[name] = [...values];
  return merged;
}

/**
 * A fetch that goes through the proxies of `env` (HTTP_PROXY, HTTPS_PROXY, NO_PROXY, either case) and
 * trusts the certificates in `tls`. It speaks HTTP/1.1, so that a watch never shares its connection with
 * other calls. The proxy is chosen by proxy-settings.ts and not by undici's EnvHttpProxyAgent, which
 * knows no networks in NO_PROXY and proxies loopback (test/proxy-settings.test.ts). `proxy` (http, https, socks5) takes the
 * place of those of `env`, for every server, and is itself verified with the certificates of `tls` and
 * those of Node, as Go does. `headers` go out with every request to any server, each value in a header of
 * its own, which fetch would join with commas.
 */
export function createHttpClient(options: {
  env: Readonly<Record<string, string | undefined>>;
  tls?: TlsOptions;
  connectTimeoutMs?: number;
  proxy?: URL;
  headers?: Readonly<Record<string, readonly string[]>>;
}): HttpClient {
  const timeout = options.connectTimeoutMs ?? 10_000;
  const tls = tlsOf(options.tls ?? {});
  const fixed = options.proxy;
  const settings = fixed === undefined ? proxySettings(options.env) : undefined;
  const proxyFor = (url: URL): URL | undefined => fixed ?? settings?.proxyFor(url);
  const proxyTrust = fixed === undefined ? {} : trustOf(options.tls ?? {});
  const straight = new Agent({ allowH2: false, connect: { timeout, ...tls } });
  const proxies = new Map<string, ProxyAgent>();
  const proxyAgent = (uri: string): ProxyAgent => {
    const agent =
      proxies.get(uri) ??
      new ProxyAgent({
        uri,
        allowH2: false,
        // Plain HTTP is asked of the proxy as such: many tunnel to port 443 only.
        proxyTunnel: false,
        clientFactory: proxyPool,
        // With it undici would speak TLS to a SOCKS proxy, which knows none.
        ...(uri.startsWith('socks5:') ? {} : { proxyTls: { timeout, ...proxyTrust } }),
        requestTls: { timeout, ...tls },
      });
    proxies.set(uri, agent);
    return agent;
  };
  // Chosen for each request of a chain of redirects anew, since hosts may differ.
  const dispatcher = straight.compose((dispatch: Dispatcher['dispatch']) => (given, handler) => {
    const request =
      options.headers === undefined
        ? given
        : { ...given, headers: withHeaders(given.headers, options.headers) };
    const proxy = request.origin === undefined ? undefined : proxyFor(new URL(request.origin));
    return proxy === undefined
      ? dispatch(request, handler)
      : proxyAgent(proxy.href).dispatch(request, handler);
  });
  return {
    // undici's own RequestInit and Response differ from the platform's in name only.
    fetch: (url, init) =>
      (undiciFetch as unknown as (url: string | URL, init: object) => Promise<Response>)(url, {
        ...init,
        dispatcher,
      }),
    upgrade: upgradeThrough(dispatcher),
    close: async () => {
      await Promise.all([straight, ...proxies.values()].map((agent) => agent.destroy()));
    },
  };
}
