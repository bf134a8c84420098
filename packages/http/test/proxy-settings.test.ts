import { describe, expect, test } from '@jest/globals';
import { EnvHttpProxyAgent, fetch } from 'undici/index.js';
import { proxySettings } from '../src/index.ts';
import { serve, startProxy } from './servers.ts';

function goesThroughProxy(url: string, noProxy: string): boolean {
  const env = { HTTPS_PROXY: 'http://proxy:1', HTTP_PROXY: 'http://proxy:2', NO_PROXY: noProxy };
  return proxySettings(env).proxyFor(new URL(url)) !== undefined;
}

describe('NO_PROXY', () => {
  test.each([
    ['https://example.com/', 'example.com'],
    ['https://EXAMPLE.com./', 'Example.COM'],
    ['https://api.example.com/', 'example.com'],
    ['https://api.example.com/', '.example.com'],
    ['https://api.example.com/', 'a.b, *.example.com'],
    ['https://api.example.com/', 'a.b example.com:443'],
    ['http://api.example.com/', 'example.com:80'],
    ['https://10.96.0.1/', '10.96.0.1'],
    ['https://10.96.0.1:6443/', '10.0.0.0/8'],
    ['https://[fd00::1]/', 'fd00::/8'],
    ['https://[fd00::1]/', 'fd00::1'],
    ['https://[fd00::1]:8443/', '[fd00::1]:8443'],
    ['https://anything/', '*'],
    ['https://localhost:8443/', ''],
    ['http://127.0.0.1/', ''],
    ['http://[::1]/', ''],
  ])('%s goes straight with %j', (url, noProxy) => {
    expect(goesThroughProxy(url, noProxy)).toBe(false);
  });

  test.each([
    ['https://example.com/', ''],
    ['https://notexample.com/', 'example.com'],
    ['https://example.com.evil/', 'example.com'],
    ['https://example.com:8443/', 'example.com:443'],
    ['https://11.0.0.1/', '10.0.0.0/8'],
    ['https://210.96.0.1/', '10.96.0.1'],
    ['https://host/', '10.0.0.0/8'],
    ['https://10.0.0.1/', '10.0.0.0/99'],
    ['https://localhost.evil/', ''],
  ])('%s goes through the proxy with %j', (url, noProxy) => {
    expect(goesThroughProxy(url, noProxy)).toBe(true);
  });
});

describe('the proxy', () => {
  const proxyFor = (env: Record<string, string>, url: string) =>
    proxySettings(env).proxyFor(new URL(url))?.href;

  test('is that of the scheme, in lower case first, and an empty variable is none', () => {
    const env = {
      http_proxy: 'http://low:1',
      HTTP_PROXY: 'http://up:1',
      https_proxy: '',
      HTTPS_PROXY: 'up:2',
    };
    expect(proxyFor(env, 'http://a/')).toBe('http://low:1/');
    expect(proxyFor(env, 'https://a/')).toBe('http://up:2/');
    expect(proxyFor({ HTTP_PROXY: 'http://up:1' }, 'https://a/')).toBeUndefined();
  });

  test('with an address that is none is a mistake of the user, whose password is not shown', () => {
    expect(() => proxySettings({ HTTPS_PROXY: 'socks5://user:hunter2@proxy' })).toThrow(
      /^The address of the proxy in HTTPS_PROXY is not of the form http:\/\/host:port or https:\/\/host:port\.$/,
    );
  });
});

/** Why the proxy is chosen here: one that fails after an update of undici is a reason to look at it again. */
describe("undici's own EnvHttpProxyAgent", () => {
  test.each([
    ['loopback, which Go never proxies', ''],
    ['what NO_PROXY has as a network', '127.0.0.0/8'],
  ])('sends %s through the proxy', async (_what, noProxy) => {
    const [proxy, server] = [await startProxy(), await serve((_, response) => response.end('ok'))];
    const agent = new EnvHttpProxyAgent({ httpProxy: proxy.url, noProxy });
    const response = await fetch(server.url, { dispatcher: agent });
    await response.text();
    expect(proxy.seen).toHaveLength(1);
    const env = { HTTP_PROXY: proxy.url, NO_PROXY: noProxy };
    expect(proxySettings(env).proxyFor(new URL(server.url))).toBeUndefined();
    await Promise.all([agent.destroy(), proxy.close(), server.close()]);
  });
});
