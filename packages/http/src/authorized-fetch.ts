import type { Fetch } from '@slipway/runtime';

const maxRedirects = 10;
const redirects = new Set([301, 302, 303, 307, 308]);

/** The request that follows a redirect (Fetch standard, HTTP-redirect fetch). */
function redirected(status: number, init: RequestInit): RequestInit {
  const method = (init.method ?? 'GET').toUpperCase();
  const becomesGet =
    (status === 303 && method !== 'GET' && method !== 'HEAD') ||
    ((status === 301 || status === 302) && method === 'POST');
  if (!becomesGet) return init;
  const headers = new Headers(init.headers);
  for (const name of ['content-type', 'content-length', 'content-encoding']) headers.delete(name);
  return { ...init, headers, method: 'GET', body: null };
}

/** `init` without any header that could be a credential, whoever put it there. */
function withoutCredentials(init: RequestInit): RequestInit {
  const headers = new Headers(init.headers);
  for (const name of ['authorization', 'cookie', 'proxy-authorization']) headers.delete(name);
  return { ...init, headers };
}

/**
 * A fetch that sends `authorization` (for example `Bearer …`) to `origin` and to nobody else: requests
 * to other origins go out without it, and so does every request that follows a redirect, also back to
 * `origin`. Throws on a redirect from https to http, and on more than ten.
 */
export function authorizedFetch(
  fetch: Fetch,
  options: { origin: string; authorization: string },
): Fetch {
  const origin = new URL(options.origin).origin;
  return async (url, given = {}) => {
    let target = new URL(url);
    let init: RequestInit = { ...given, redirect: 'manual' };
    const headers = new Headers(given.headers);
    if (target.origin === origin && !headers.has('authorization'))
      headers.set('authorization', options.authorization);
    init = { ...init, headers };
    for (let count = 0; ; count += 1) {
      const response = await fetch(target, init);
      const location = response.headers.get('location');
      if (!redirects.has(response.status) || location === null || given.redirect === 'manual')
        return response;
      await response.body?.cancel();
      const next = new URL(location, target);
      if (given.redirect === 'error' || count >= maxRedirects)
        throw new Error(`${target.origin}${target.pathname} redirects, which is not allowed here.`);
      if (target.protocol === 'https:' && next.protocol !== 'https:')
        throw new Error(
          `${target.origin}${target.pathname} redirects from https to ${next.protocol}`,
        );
      if (init.body instanceof ReadableStream)
        throw new Error(
          `${target.origin}${target.pathname} redirects a body that was sent already.`,
        );
      target = next;
      init = withoutCredentials(redirected(response.status, init));
    }
  };
}
