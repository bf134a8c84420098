import { isIP } from 'node:net';

/**
 * Whether a host (`localhost`, `127.0.0.1:5000`, `[::1]`) or a URL of any scheme is this machine itself:
 * no proxy leads there, and plain HTTP is spoken there alone. A name that only begins like one is not.
 */
export function isLoopback(place: string | URL): boolean {
  const text = String(place);
  const url = text.includes('://') ? URL.parse(text) : undefined;
  if (url === null) return false;
  const host = (url?.hostname ?? text)
    .replace(/^(\[[^\]]*\]|[^:]*):\d{1,5}$/, '$1')
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '')
    .toLowerCase();
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}
