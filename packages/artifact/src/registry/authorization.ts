import { isLoopback } from '@slipway/http';
import { ActionError, type MaskSecret } from '@slipway/runtime';
import type { RegistryCredentials } from './credentials.ts';
import { saidBy } from './failure.ts';
import { readLimited } from './limited-body.ts';
import type { SendRequest } from './sender.ts';

/** What a registry asked for in WWW-Authenticate. */
export interface Challenge {
  scheme: 'basic' | 'bearer';
  parameters: Readonly<Record<string, string>>;
}

const maxTokenBytes = 1_048_576;

/** Reads a WWW-Authenticate header (RFC 9110, 11.6.1); undefined when it offers neither scheme. */
export function parseChallenge(header: string | null): Challenge | undefined {
  const match = /^\s*(basic|bearer)\s*(.*)$/i.exec(header ?? '');
  if (match === null) return undefined;
  const parameters: Record<string, string> = Object.create(null) as Record<string, string>;
  for (const [, name = '', quotedValue, bare] of (match[2] ?? '').matchAll(
    /([a-z_]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))/gi,
  ))
    parameters[name.toLowerCase()] = quotedValue?.replace(/\\(.)/g, '$1') ?? bare ?? '';
  return { scheme: (match[1] ?? '').toLowerCase() as Challenge['scheme'], parameters };
}

function basicHeader(credentials: RegistryCredentials | undefined): string | undefined {
  if (credentials?.kind !== 'basic') return undefined;
  const pair = `${credentials.username}:${credentials.password}`;
  return `Basic ${Buffer.from(pair).toString('base64')}`;
}

/** The token service must be as safe as the registry: HTTPS, or this machine when the registry is. */
function tokenService(realm: string | undefined, registryOrigin: string): URL {
  const url = URL.parse(realm ?? '');
  const isSafe =
    url !== null &&
    (url.protocol === 'https:' ||
      (url.protocol === 'http:' && isLoopback(url) && isLoopback(registryOrigin)));
  if (!isSafe)
    throw new ActionError(
      `The registry ${new URL(registryOrigin).host} names a token service that credentials must not go to: ${JSON.stringify((realm ?? '').slice(0, 200))}.`,
      { next: 'Check the registry name in image.' },
    );
  return url;
}

/** How a token is asked for. */
interface TokenRequest {
  challenge: Challenge;
  origin: string;
  scopes: readonly string[];
  credentials: RegistryCredentials | undefined;
  send: SendRequest;
}

/** Asks by OAuth 2 with a refresh token (distribution: docs/spec/auth/oauth.md), else as token.md says. */
async function askForToken(
  service: URL,
  { challenge, scopes, credentials, send }: TokenRequest,
): Promise<Response> {
  const name = challenge.parameters['service'] ?? '';
  if (credentials?.kind === 'identity-token') {
    const form = new URLSearchParams({
      grant_type: 'refresh_token',
      client_id: 'slipway',
      refresh_token: credentials.token,
      scope: scopes.join(' '),
    });
    if (name !== '') form.set('service', name);
    return send(service, { method: 'POST', body: form });
  }
  const url = new URL(service);
  if (name !== '') url.searchParams.set('service', name);
  for (const scope of scopes) url.searchParams.append('scope', scope);
  const basic = basicHeader(credentials);
  return send(url, basic === undefined ? {} : { headers: { authorization: basic } });
}

/** The token in the service's answer; undefined when there is none that a header can carry. */
function tokenIn(text: string): string | undefined {
  try {
    const answer = JSON.parse(text) as { token?: unknown; access_token?: unknown };
    const token = answer.token ?? answer.access_token;
    return typeof token === 'string' && /^[\x21-\x7e]+$/.test(token) ? token : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The Authorization header that answers a challenge: Basic as it is, Bearer by asking the token
 * service for `scopes`. Undefined when there is nothing to answer with. The token is masked.
 */
export async function authorize(
  request: TokenRequest & { maskSecret: MaskSecret },
): Promise<string | undefined> {
  const { challenge, origin, scopes, credentials, maskSecret } = request;
  if (challenge.scheme === 'basic') return basicHeader(credentials);
  const service = tokenService(challenge.parameters['realm'], origin);
  const response = await askForToken(service, request);
  if (!response.ok)
    throw new ActionError(
      `The token service ${service.host} answered ${response.status} for ${scopes.join(' ')}${await saidBy(response)}`,
      {
        title: 'Registry refused the credentials',
        next:
          credentials === undefined
            ? 'No credentials were found: log in before this step, or give registry-username and registry-password.'
            : 'Check that the credentials may push to this repository (on GitHub: permissions: packages: write).',
      },
    );
  const token = tokenIn((await readLimited(response, maxTokenBytes)).toString());
  if (token === undefined)
    throw new ActionError(`The token service ${service.host} answered without a token.`);
  maskSecret(token);
  return `Bearer ${token}`;
}
