import { BlockList, isIP } from 'node:net';
import { InputError } from '@slipway/runtime';
import { isLoopback } from './loopback.ts';

/** Which proxy a request goes through. */
export interface ProxySettings {
  /** The proxy for this URL, or undefined when the request goes straight to the server. */
  proxyFor(url: URL): URL | undefined;
}

type Env = Readonly<Record<string, string | undefined>>;

/** The first of these variables that is not empty; in lower case first, as curl and Go read them. */
function variable(env: Env, ...names: readonly string[]): string | undefined {
  return names.map((name) => env[name]).find((value) => value !== undefined && value !== '');
}

function proxyUrl(name: string, text: string | undefined): URL | undefined {
  if (text === undefined) return undefined;
  const url = URL.parse(/^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`);
  // The address may hold a password, so it is not quoted.
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:'))
    throw new InputError(
      `The address of the proxy in ${name} is not of the form http://host:port or https://host:port.`,
      { next: `Correct ${name}, or unset it. SOCKS proxies are not supported.` },
    );
  return url;
}

function bareHost(host: string): string {
  return host
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '')
    .toLowerCase();
}

const ports: Readonly<Record<string, string>> = { 'http:': '80', 'https:': '443' };

/** Whether one entry of NO_PROXY covers a host: `*`, an address, a network, a domain, each with a port or not. */
function covers(entry: string, host: string, port: string): boolean {
  if (entry === '*') return true;
  const network = /^(.+)\/(\d{1,3})$/.exec(entry);
  if (network !== null) {
    const [, address = '', bits = ''] = network;
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    if (isIP(address) === 0 || isIP(host) === 0 || Number(bits) > (family === 'ipv6' ? 128 : 32))
      return false;
    const list = new BlockList();
    list.addSubnet(address, Number(bits), family);
    return list.check(host, isIP(host) === 6 ? 'ipv6' : 'ipv4');
  }
  const withPort = /^(\[[^\]]+\]|[^:]+):(\d+)$/.exec(entry);
  if (withPort !== null && withPort[2] !== port) return false;
  const name = bareHost(withPort?.[1] ?? entry).replace(/^\*?\./, '');
  return name !== '' && (host === name || (isIP(host) === 0 && host.endsWith(`.${name}`)));
}

/**
 * Reads HTTP_PROXY, HTTPS_PROXY and NO_PROXY as Go, Helm and kubectl do (golang.org/x/net/http/httpproxy),
 * so that all of an action takes the same way: loopback is never proxied, NO_PROXY knows domains,
 * addresses, networks and ports. Throws InputError on an address that is no HTTP proxy.
 */
export function proxySettings(env: Env): ProxySettings {
  const http = proxyUrl('HTTP_PROXY', variable(env, 'http_proxy', 'HTTP_PROXY'));
  const https = proxyUrl('HTTPS_PROXY', variable(env, 'https_proxy', 'HTTPS_PROXY'));
  const exceptions = (variable(env, 'no_proxy', 'NO_PROXY') ?? '')
    .split(/[\s,]+/)
    .map((entry) => entry.toLowerCase())
    .filter((entry) => entry !== '');
  return {
    proxyFor: (url) => {
      const host = bareHost(url.hostname);
      const port = url.port === '' ? (ports[url.protocol] ?? '') : url.port;
      const straight = isLoopback(host) || exceptions.some((entry) => covers(entry, host, port));
      if (straight) return undefined;
      return url.protocol === 'https:' ? https : http;
    },
  };
}
