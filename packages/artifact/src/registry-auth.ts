import { ActionError, type MaskSecret } from '@slipway/runtime';
import { isLoopback } from './image-name.ts';
import type { RegistryCredentials } from './registry-credentials.ts';
import { readLimited, type SendRequest } from './registry-http.ts';

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
  const registry = new URL(registryOrigin);
  const isSafe =
    url !== null &&
    (url.protocol === 'https:' ||
      (url.protocol === 'http:' && isLoopback(url.host) && isLoopback(registry.host)));
  if (!isSafe)
    throw new ActionError(
      `The registry ${registry.host} names a token service that credentials must not go to: ${JSON.stringify((realm ?? '').slice(0, 200))}.`,
      { next: 'Check the registry name in image.' },
    );
  return url;
}

/**
 * The Authorization header that answers a challenge: Basic as it is, Bearer by asking the token
 * service for `scopes` (distribution: docs/spec/auth/token.md, oauth.md). Undefined when there is
 * nothing to answer with.
 */
export async function authorize(options: {
  challenge: Challenge;
  origin: string;
  scopes: readonly string[];
  credentials: RegistryCredentials | undefined;
  send: SendRequest;
  maskSecret: MaskSecret;
}): Promise<string | undefined> {
  const { challenge, origin, scopes, credentials, send, maskSecret } = options;
  if (challenge.scheme === 'basic') return basicHeader(credentials);
  const url = tokenService(challenge.parameters['realm'], origin);
  const service = challenge.parameters['service'] ?? '';
  let response: Response;
  if (credentials?.kind === 'identity-token') {
    const form = new URLSearchParams({
      grant_type: 'refresh_token',
      client_id: 'slipway',
      refresh_token: credentials.token,
      scope: scopes.join(' '),
    });
    if (service !== '') form.set('service', service);
    response = await send(url, { method: 'POST', body: form });
  } else {
    if (service !== '') url.searchParams.set('service', service);
    for (const scope of scopes) url.searchParams.append('scope', scope);
    const basic = basicHeader(credentials);
    response = await send(url, basic === undefined ? {} : { headers: { authorization: basic } });
  }
  const text = (await readLimited(response, maxTokenBytes)).toString();
  if (!response.ok)
    throw new ActionError(
      `The token service ${url.host} answered ${response.status} for ${scopes.join(' ')}.`,
      {
        title: 'Registry refused the credentials',
        next:
          credentials === undefined
            ? 'No credentials were found: log in before this step, or give registry-username and registry-password.'
            : 'Check that the credentials may push to this repository (on GitHub: permissions: packages: write).',
      },
    );
  let token: unknown;
  try {
    const answer = JSON.parse(text) as { token?: unknown; access_token?: unknown };
    token = answer.token ?? answer.access_token;
  } catch {
    token = undefined;
  }
  if (typeof token !== 'string' || !/^[\x21-\x7e]+$/.test(token))
    throw new ActionError(`The token service ${url.host} answered without a token.`);
  maskSecret(token);
  return `Bearer ${token}`;
}
