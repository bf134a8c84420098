import * as fs from 'node:fs/promises';
import type { Exec } from '@slipway/exec';
import { InputError, type Clock, type MaskSecret } from '@slipway/runtime';
import {
  runExecPlugin,
  type ExecCredential,
  type ExecPlugin,
  type KubeAuth,
  type KubeTarget,
} from '../config/index.ts';

/** What proves to the server who sends a request. */
export interface Proof {
  /** The value of the header `authorization`; undefined when a certificate alone, or nothing, proves it. */
  authorization?: string;
  /** A client certificate that takes the place of the target's. */
  certificate?: { cert: string; key: string };
}

/** Where proofs come from; they are renewed when they run out. */
export interface Credentials {
  prove(): Promise<Proof>;
  /** Forgets what the server did not accept. False when there is nothing else to get. */
  forget(): boolean;
}

/** What credentials are got with. */
export interface CredentialPorts {
  exec: Exec;
  clock: Clock;
  maskSecret?: MaskSecret;
  signal?: AbortSignal | undefined;
}

const tokenFileLifeMs = 60_000;
/** Renewed this long before they run out, so that a request on its way does not meet the end. */
const expiryMarginMs = 10_000;

const bearer = (token: string): Proof => ({ authorization: `Bearer ${token}` });

function fixed(prove: () => Proof): Credentials {
  return { prove: () => Promise.resolve().then(prove), forget: () => false };
}

function fromToken(
  source: string,
  auth: Extract<KubeAuth, { kind: 'token' }>,
  { clock }: CredentialPorts,
): Credentials {
  return fixed(() => {
    if ((auth.expiresAtMs ?? Number.POSITIVE_INFINITY) > clock.now()) return bearer(auth.token);
    throw new InputError(`${source}: the ID token of the user has run out.`, {
      next: 'Use a service account token, or a plugin (exec) that gets a new one for each run.',
    });
  });
}

function fromFile(
  source: string,
  auth: Extract<KubeAuth, { kind: 'token-file' }>,
  { clock, maskSecret }: CredentialPorts,
): Credentials {
  let kept: { token: string; readAtMs: number } | undefined;
  const read = async (): Promise<string> => {
    try {
      return (await fs.readFile(auth.path, 'utf8')).trim();
    } catch (cause) {
      if (auth.token !== undefined) return auth.token;
      throw new InputError(`${source}: the token could not be read from ${auth.path}.`, { cause });
    }
  };
  return {
    prove: async () => {
      const now = clock.now();
      if (kept === undefined || now - kept.readAtMs > tokenFileLifeMs) {
        kept = { token: await read(), readAtMs: now };
        maskSecret?.(kept.token);
      }
      return bearer(kept.token);
    },
    forget: () => {
      kept = undefined;
      return true;
    },
  };
}

function proofOf({ token, cert, key }: ExecCredential): Proof {
  return {
    ...(token === undefined ? {} : bearer(token)),
    ...(cert === undefined || key === undefined ? {} : { certificate: { cert, key } }),
  };
}

function fromPlugin(plugin: ExecPlugin, ports: CredentialPorts): Credentials {
  let kept: Promise<ExecCredential> | undefined;
  const run = async (): Promise<ExecCredential> => {
    const got = await runExecPlugin(ports.exec, plugin, ports.signal);
    for (const secret of [got.token, got.key]) if (secret !== undefined) ports.maskSecret?.(secret);
    return got;
  };
  return {
    prove: async () => {
      const first = (kept ??= run());
      const { expiresAtMs = Number.POSITIVE_INFINITY } = await first;
      // A plugin may print credentials that run out within the margin; they are used all the same.
      if (kept === first && expiresAtMs - expiryMarginMs <= ports.clock.now()) kept = run();
      return proofOf(await (kept ??= run()));
    },
    forget: () => {
      kept = undefined;
      return true;
    },
  };
}

/** The credentials of `target`. Nothing is read or run before the first proof; InputError when it fails. */
export function credentialsOf(target: KubeTarget, ports: CredentialPorts): Credentials {
  const { auth, source } = target;
  switch (auth.kind) {
    case 'none':
      return fixed(() => ({}));
    case 'basic': {
      const both = Buffer.from(`${auth.username}:${auth.password}`).toString('base64');
      return fixed(() => ({ authorization: `Basic ${both}` }));
    }
    case 'token':
      return fromToken(source, auth, ports);
    case 'token-file':
      return fromFile(source, auth, ports);
    case 'exec':
      return fromPlugin(auth.plugin, ports);
  }
}
