import { shownUrl } from '@slipway/http';
import { ActionError, type Fetch } from '@slipway/runtime';

const mostRedirects = 5;
/** Redirects after which the request is sent again as it is; 301 and 302 for requests that only read. */
const verbatim = new Set([307, 308]);
const forReading = new Set([301, 302, 307, 308]);

/**
 * A fetch that goes to the API's own origin and to no other, so that the token in its headers does not
 * either. GitHub redirects within its origin when a repository was renamed, and wants the same request
 * with the same token there (docs.github.com, "Best practices for using the REST API", redirects).
 * Throws ActionError on a redirect to elsewhere, and on more than five.
 */
export function originBoundFetch(fetch: Fetch, apiUrl: string): Fetch {
  const { origin } = new URL(apiUrl);
  return async (url, init) => {
    let target = new URL(url);
    for (let count = 0; ; count += 1) {
      if (target.origin !== origin)
        throw new ActionError(`${origin} redirects to ${shownUrl(target)}, which gets no token.`, {
          next: 'Check GITHUB_API_URL and the proxy on the way.',
        });
      const response = await fetch(target, { ...init, redirect: 'manual' });
      const method = (init?.method ?? 'GET').toUpperCase();
      const followed = method === 'GET' ? forReading : verbatim;
      const location = response.headers.get('location');
      if (!followed.has(response.status) || location === null) return response;
      await response.body?.cancel();
      if (count >= mostRedirects)
        throw new ActionError(`${shownUrl(url)} redirects without end.`, {
          next: 'Check GITHUB_API_URL and the proxy on the way.',
        });
      target = new URL(location, target);
    }
  };
}
