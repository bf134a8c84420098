import { createHttpClient, type HttpClient, type Upgrade } from '@slipway/http';
import type { Fetch } from '@slipway/runtime';
import type { Env, KubeTarget } from '../config/index.ts';
import { credentialsOf, type CredentialPorts } from './credentials.ts';

/** An API server that lets us in: its address, a fetch with its certificates, and who we are. */
export interface Connection {
  server: string;
  /** What sends a request now, and its headers; credentials are renewed when they run out. */
  ready(): Promise<{
    fetch: Fetch;
    upgrade: Upgrade;
    headers: readonly (readonly [string, string])[];
  }>;
  /** Forgets credentials that the server did not accept. False when there are no others to get. */
  renew(): boolean;
  close(): Promise<void>;
}

/** Headers of one name together: the API server wants each group in a header of its own. */
function byName(
  headers: readonly (readonly [string, string])[],
): Readonly<Record<string, readonly string[]>> {
  const groups = Map.groupBy(headers, ([name]) => name);
  return Object.fromEntries(
    [...groups].map(([name, pairs]) => [name, pairs.map(([, value]) => value)]),
  );
}

/** What a fetch that was handed in goes with. */
const noUpgrade: Upgrade = () =>
  Promise.resolve({ kind: 'answered', status: 501, body: 'This client cannot change protocols.' });

/** Opens the way to `target`; nothing is sent or run before the first request. */
export function openConnection(
  target: KubeTarget,
  ports: CredentialPorts & { env: Env; fetch?: Fetch },
): Connection {
  const credentials = credentialsOf(target, ports);
  const settings = {
    env: ports.env,
    headers: byName(target.impersonate),
    ...(target.proxyUrl === undefined ? {} : { proxy: new URL(target.proxyUrl) }),
  };
  let http: { client: HttpClient; cert: string | undefined } | undefined;
  const sendersWith = (certificate: { cert: string; key: string } | undefined) => {
    if (ports.fetch !== undefined) return { fetch: ports.fetch, upgrade: noUpgrade };
    const tls = { ...target.tls, ...certificate };
    if (http === undefined || http.cert !== tls.cert) {
      void http?.client.close();
      http = { client: createHttpClient({ ...settings, tls }), cert: tls.cert };
    }
    return http.client;
  };
  return {
    server: target.server,
    ready: async () => {
      const { authorization, certificate } = await credentials.prove();
      const { fetch, upgrade } = sendersWith(certificate);
      return {
        fetch,
        upgrade,
        headers: authorization === undefined ? [] : [['authorization', authorization]],
      };
    },
    renew: () => credentials.forget(),
    close: async () => {
      await http?.client.close();
    },
  };
}
