import * as fs from 'node:fs/promises';
import type { Exec } from '@slipway/exec';
import { createHttpClient, type HttpClient, type TlsOptions } from '@slipway/http';
import { InputError, type Clock, type Fetch, type MaskSecret } from '@slipway/runtime';
import {
  runExecPlugin,
  type Env,
  type ExecCredential,
  type KubeAuth,
  type KubeTarget,
} from '../config/index.ts';

/** An API server that lets us in: its address, a fetch with its certificates, and who we are. */
export interface Connection {
  server: string;
  /** The fetch and the headers of a request now; credentials are renewed when they run out. */
  ready(): Promise<{ fetch: Fetch; headers: readonly (readonly [string, string])[] }>;
  /** Forgets credentials that the server did not accept. False when there are no others to get. */
  renew(): boolean;
  close(): Promise<void>;
}

const tokenFileLifeMs = 60_000;
/** Renewed this long before they run out, so that a request on its way does not meet the end. */
const expiryMarginMs = 10_000;

/** Headers of one name together: the API server wants each group in a header of its own. */
function byName(
  headers: readonly (readonly [string, string])[],
): Readonly<Record<string, readonly string[]>> {
  const groups = Object.groupBy(headers, ([name]) => name);
  return Object.fromEntries(
    Object.entries(groups).map(([name, pairs]) => [name, (pairs ?? []).map(([, value]) => value)]),
  );
}

function expired(target: KubeTarget): InputError {
  return new InputError(`${target.source}: the ID token of the user has run out.`, {
    next: 'Use a service account token, or a plugin (exec) that gets a new one for each run.',
  });
}

async function readToken(
  target: KubeTarget,
  auth: Extract<KubeAuth, { kind: 'token-file' }>,
): Promise<string> {
  try {
    return (await fs.readFile(auth.path, 'utf8')).trim();
  } catch (cause) {
    if (auth.token !== undefined) return auth.token;
    throw new InputError(`${target.source}: the token could not be read from ${auth.path}.`, {
      cause,
    });
  }
}

/** Opens the way to `target`; nothing is sent or run before the first request. */
export function openConnection(
  target: KubeTarget,
  ports: {
    env: Env;
    exec: Exec;
    clock: Clock;
    maskSecret?: MaskSecret;
    signal?: AbortSignal | undefined;
  },
): Connection {
  let http: { client: HttpClient; cert: string | undefined } | undefined;
  let fileToken: { token: string; readAtMs: number } | undefined;
  let credential: Promise<ExecCredential> | undefined;

  const settings = {
    env: ports.env,
    headers: byName(target.impersonate),
    ...(target.proxyUrl === undefined ? {} : { proxy: new URL(target.proxyUrl) }),
  };
  const clientFor = (tls: TlsOptions): HttpClient => {
    if (http === undefined || http.cert !== tls.cert) {
      void http?.client.close();
      http = { client: createHttpClient({ ...settings, tls }), cert: tls.cert };
    }
    return http.client;
  };
  const fromPlugin = async (): Promise<ExecCredential> => {
    if (target.auth.kind !== 'exec') throw new Error('No credential plugin.');
    credential ??= runExecPlugin(ports.exec, target.auth.plugin, ports.signal).then((got) => {
      if (got.token !== undefined) ports.maskSecret?.(got.token);
      if (got.key !== undefined) ports.maskSecret?.(got.key);
      return got;
    });
    const got = await credential;
    if (got.expiresAtMs === undefined || got.expiresAtMs - expiryMarginMs > ports.clock.now())
      return got;
    credential = undefined;
    // A plugin may print credentials that run out within the margin; they are used all the same.
    const fresh = await (credential = runExecPlugin(ports.exec, target.auth.plugin, ports.signal));
    if (fresh.token !== undefined) ports.maskSecret?.(fresh.token);
    return fresh;
  };
  const bearer = (token: string): [string, string] => ['authorization', `Bearer ${token}`];

  return {
    server: target.server,
    ready: async () => {
      const { auth } = target;
      if (auth.kind === 'exec') {
        const got = await fromPlugin();
        const tls = {
          ...target.tls,
          ...(got.cert === undefined ? {} : { cert: got.cert }),
          ...(got.key === undefined ? {} : { key: got.key }),
        };
        const headers = got.token === undefined ? [] : [bearer(got.token)];
        return { fetch: clientFor(tls).fetch, headers };
      }
      const { fetch } = clientFor(target.tls);
      switch (auth.kind) {
        case 'token':
          if ((auth.expiresAtMs ?? Number.POSITIVE_INFINITY) <= ports.clock.now())
            throw expired(target);
          return { fetch, headers: [bearer(auth.token)] };
        case 'token-file': {
          const now = ports.clock.now();
          if (fileToken === undefined || now - fileToken.readAtMs > tokenFileLifeMs) {
            const token = await readToken(target, auth);
            ports.maskSecret?.(token);
            fileToken = { token, readAtMs: now };
          }
          return { fetch, headers: [bearer(fileToken.token)] };
        }
        case 'basic': {
          const both = Buffer.from(`${auth.username}:${auth.password}`).toString('base64');
          return { fetch, headers: [['authorization', `Basic ${both}`]] };
        }
        case 'none':
          return { fetch, headers: [] };
      }
    },
    renew: () => {
      const renewable = target.auth.kind === 'exec' || target.auth.kind === 'token-file';
      credential = undefined;
      fileToken = undefined;
      return renewable;
    },
    close: async () => {
      await http?.client.close();
    },
  };
}
