import { InputError, quoted } from '@slipway/runtime';
import { readExecPlugin } from './exec-config.ts';
import { fileName, inner, text, texts, type Entry } from './fields.ts';
import type { KubeAuth } from './kube-target.ts';

/** The end of a JSON web token in milliseconds since 1970; undefined when it names none. */
function endOf(token: string): number | undefined {
  try {
    const claims = Buffer.from(token.split('.')[1] ?? '', 'base64url').toString();
    const { exp } = JSON.parse(claims) as { exp?: unknown };
    return typeof exp === 'number' ? exp * 1000 : undefined;
  } catch {
    return undefined;
  }
}

/**
 * kubectl keeps one built-in provider, oidc. Its ID token is used while it holds; renewing it is left
 * to kubectl, which writes the new one into the kubeconfig, where the next job would miss it.
 */
function oidcToken(provider: Entry): KubeAuth {
  const config = inner(provider, 'config');
  const token = config === undefined ? undefined : text(config, 'id-token');
  if (token === undefined)
    throw new InputError(`${provider.where}: the auth provider oidc has no id-token.`, {
      next: 'Log in with kubectl before the kubeconfig is stored, or use a service account token.',
    });
  const expiresAtMs = endOf(token);
  return { kind: 'token', token, ...(expiresAtMs === undefined ? {} : { expiresAtMs }) };
}

function checkMethods(user: Entry, provider: Entry | undefined): void {
  const name = provider === undefined ? 'oidc' : (text(provider, 'name') ?? '');
  if (name !== 'oidc')
    throw new InputError(
      `${user.where}: the auth provider ${quoted(name)} is no longer part of Kubernetes (since 1.26).`,
      { next: 'Write the kubeconfig anew with a current CLI of your provider; it will use exec.' },
    );
  if (provider !== undefined && inner(user, 'exec') !== undefined)
    throw new InputError(`${user.where} has both an auth-provider and exec.`, {
      next: 'Remove one of them.',
    });
  const hasToken = text(user, 'token') !== undefined || text(user, 'tokenFile') !== undefined;
  const hasPassword = text(user, 'username') !== undefined || text(user, 'password') !== undefined;
  if (text(user, 'password') !== undefined && text(user, 'username') === undefined)
    throw new InputError(`${user.where} has a password without a username.`);
  if (hasToken && hasPassword)
    throw new InputError(`${user.where} has both a token and a password.`, {
      next: 'Remove one of them.',
    });
}

/**
 * How a user proves who it is, in client-go's order: token file, token, password, client certificate,
 * plugin, provider. Over plain HTTP nothing is proven, since everybody on the way could read it. Throws
 * InputError for what kubectl would refuse.
 */
export function userAuth(
  user: Entry,
  cluster: { entry: Entry; ca: string | undefined; isPlain: boolean; hasCertificate: boolean },
): KubeAuth {
  const provider = inner(user, 'auth-provider');
  checkMethods(user, provider);
  const exec = inner(user, 'exec');
  const plugin = exec === undefined ? undefined : readExecPlugin(exec, cluster);
  if (cluster.isPlain) return { kind: 'none' };
  const tokenFile = fileName(user, 'tokenFile');
  const token = text(user, 'token');
  if (tokenFile !== undefined)
    return { kind: 'token-file', path: tokenFile, ...(token === undefined ? {} : { token }) };
  if (token !== undefined) return { kind: 'token', token };
  const username = text(user, 'username');
  if (username !== undefined)
    return { kind: 'basic', username, password: text(user, 'password') ?? '' };
  if (cluster.hasCertificate) return { kind: 'none' };
  if (plugin !== undefined) return { kind: 'exec', plugin };
  if (provider !== undefined) return oidcToken(provider);
  if (text(user, 'client-key') !== undefined || text(user, 'client-key-data') !== undefined)
    throw new InputError(`${user.where} has a client key without a certificate.`);
  return { kind: 'none' };
}

/** Bytes that the name of a header may not hold, and the percent sign that stands for them. */
function escaped(key: string): string {
  return key.replace(/[^A-Za-z0-9!#$&'*+.^_`|~-]/gu, (character) =>
    [...Buffer.from(character)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join(''),
  );
}

function extraHeaders(user: Entry): [string, string][] {
  const extra = inner(user, 'as-user-extra');
  if (extra === undefined) return [];
  return Object.keys(extra.fields).flatMap((key) =>
    texts(extra, key).map((value): [string, string] => [
      `Impersonate-Extra-${escaped(key)}`,
      value,
    ]),
  );
}

/**
 * Headers that impersonate another user
 * (https://kubernetes.io/docs/reference/access-authn-authz/authentication/#user-impersonation).
 * Throws InputError when they name no user.
 */
export function impersonation(user: Entry): readonly (readonly [string, string])[] {
  const as = text(user, 'as');
  const uid = text(user, 'as-uid');
  const more: [string, string][] = [
    ...texts(user, 'as-groups').map((group): [string, string] => ['Impersonate-Group', group]),
    ...(uid === undefined ? [] : [['Impersonate-Uid', uid] as [string, string]]),
    ...extraHeaders(user),
  ];
  if (as === undefined && more.length > 0)
    throw new InputError(`${user.where} impersonates groups, a uid or more, but no user.`, {
      next: 'Name the user in "as".',
    });
  return as === undefined ? [] : [['Impersonate-User', as], ...more];
}
