import { createPrivateKey, sign, type KeyObject } from 'node:crypto';
import { readLimited, retryingFetch, shownUrl, timeLimitedFetch } from '@slipway/http';
import {
  ActionError,
  errorMessage,
  timeLimit,
  type Clock,
  type Fetch,
  type Log,
} from '@slipway/runtime';

/** A GitHub App that may read private modules. */
export interface ModulesApp {
  /** Its client id or its number. */
  clientId: string;
  key: KeyObject;
}

/** What a token is asked for with. */
export interface AppTokenPorts {
  fetch: Fetch;
  clock: Clock;
  log: Log;
  signal: AbortSignal;
  /** Hears of the token before anything else does. */
  maskSecret: (secret: string) => void;
}

const requestMs = 20_000;
const maxAnswerBytes = 1_000_000;

/** A private key in PEM, also one whose line breaks were written as `\n`; undefined for what is none. */
export function readAppKey(pem: string): KeyObject | undefined {
  try {
    return createPrivateKey(pem.replaceAll('\\n', '\n'));
  } catch {
    return undefined;
  }
}

/**
 * Does `work` with a token of the App's installation for `owner` that reads contents and nothing else, and takes the
 * token back afterwards, whatever came of it; one that could not be taken back ends within the hour. Throws ActionError
 * when GitHub makes none. Documented under "Authenticating as a GitHub App installation" at docs.github.com.
 */
export async function withAppToken<T>(
  ports: AppTokenPorts,
  { app, owner, apiUrl }: { app: ModulesApp; owner: string; apiUrl: string },
  work: (token: string) => Promise<T>,
): Promise<T> {
  const ask = asking(ports, apiUrl);
  const asApp = `Bearer ${appJwt(app, ports.clock.now())}`;
  const what = `GitHub App ${app.clientId}: no token for the modules of ${owner}`;
  const found = await ask(asApp, 'GET', `/users/${encodeURIComponent(owner)}/installation`, what);
  const installation = numberAt(found, 'id');
  const path = `/app/installations/${installation}/access_tokens`;
  const made = await ask(asApp, 'POST', path, what, { permissions: { contents: 'read' } });
  const token = textAt(made, 'token');
  if (token === '') throw new ActionError(`${what}: the answer of GitHub has no token in it.`);
  ports.maskSecret(token);
  // Not ended by the cancel that it has to answer; from there the process has little time left.
  const revoke = async (): Promise<void> => {
    const last = asking({ ...ports, signal: timeLimit(ports.clock, requestMs) }, apiUrl);
    try {
      await last(`Bearer ${token}`, 'DELETE', '/installation/token', 'The token');
    } catch (error) {
      ports.log.debug(`The App's token ends by itself within the hour: ${errorMessage(error)}`);
    }
  };
  let returned: Promise<void> | undefined;
  const takeBack = (): Promise<void> => (returned ??= revoke());
  const onAbort = (): void => void takeBack();
  ports.signal.addEventListener('abort', onAbort, { once: true });
  try {
    ports.signal.throwIfAborted();
    return await work(token);
  } finally {
    ports.signal.removeEventListener('abort', onAbort);
    await takeBack();
  }
}

type Ask = (
  authorization: string,
  method: string,
  path: string,
  what: string,
  body?: unknown,
) => Promise<unknown>;

/** Requests to the API that follow no redirect: what they carry is for that server alone. */
function asking({ fetch, clock, log, signal }: AppTokenPorts, apiUrl: string): Ask {
  const limited = timeLimitedFetch(fetch, { clock, timeoutMs: requestMs });
  const patient = retryingFetch(limited, { clock, log });
  return async (authorization, method, path, what, body) => {
    const url = `${apiUrl.replace(/\/+$/, '')}${path}`;
    const response = await patient(url, {
      method,
      redirect: 'manual',
      signal,
      headers: {
        accept: 'application/vnd.github+json',
        authorization,
        'content-type': 'application/json',
        'user-agent': 'slipway',
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const { text } = await readLimited(response, maxAnswerBytes);
    if (!response.ok)
      throw new ActionError(
        `${what}: ${method} ${shownUrl(url)} answered ${response.status} ${response.statusText}`.trimEnd(),
        {
          next: 'Install the App for that owner with the right contents: read, and check app-client-id and app-private-key.',
        },
      );
    return text === '' ? undefined : (JSON.parse(text) as unknown);
  };
}

const base64 = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** Says that it is the App, for the time of two requests; a clock may be a minute fast. */
function appJwt({ clientId, key }: ModulesApp, nowMs: number): string {
  const now = Math.floor(nowMs / 1000);
  const head = base64({ alg: 'RS256', typ: 'JWT' });
  const text = `${head}.${base64({ iat: now - 60, exp: now + 300, iss: clientId })}`;
  return `${text}.${sign('RSA-SHA256', Buffer.from(text), key).toString('base64url')}`;
}

function at(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined;
}

function textAt(value: unknown, name: string): string {
  const found = at(value, name);
  return typeof found === 'string' ? found : '';
}

function numberAt(value: unknown, name: string): number {
  const found = at(value, name);
  return typeof found === 'number' && Number.isSafeInteger(found) ? found : 0;
}
