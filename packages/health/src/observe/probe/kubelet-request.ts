import http from 'node:http';
import type { Duplex } from 'node:stream';
import tls from 'node:tls';
import { quietLimit, type Clock } from '@slipway/runtime';
import type { ProbeAction } from './kubelet-probe.ts';
import { brokenBy, type Connect } from './pod-connection.ts';

type HttpAction = Extract<ProbeAction, { kind: 'http' }>;

/** How a request ended: with an answer, with a connection that broke, or with the time limit. */
export type HttpAnswer =
  | { kind: 'answered'; status: number; body: string }
  | { kind: 'broken'; why: string }
  | { kind: 'silent' };

/** One request, to a port that is known. */
export interface HttpQuestion extends Omit<HttpAction, 'kind' | 'port'> {
  port: number;
  podIp: string;
  timeoutMs: number;
}

/** As the kubelet, 10 KiB (pkg/probe/http/http.go). */
const maxBodyBytes = 10_240;
const maxRequests = 10;
const redirects = new Set([301, 302, 303, 307, 308]);
/** Services that treat the kubelet's requests apart know them by the first part. */
const userAgent = 'kube-probe/1.0 (slipway)';

interface Hop {
  url: URL;
  /** The Host that the probe asks for; undefined for that of the URL. */
  host: string | undefined;
}

function hostOf(ip: string): string {
  return ip.includes(':') ? `[${ip}]` : ip;
}

function portOf({ port, protocol }: Pick<URL, 'port' | 'protocol'>): number {
  return Number(port) || (protocol === 'https:' ? 443 : 80);
}

/** Go keeps the port in Host, even the usual one. */
function hostAndPort({ hostname, port, protocol }: URL): string {
  return `${hostname}:${portOf({ port, protocol })}`;
}

/** What Go's net/url would send: without the fragment, and with what no request line may hold escaped. */
function requestPath(path: string): string {
  return path
    .replace(/#.*$/s, '')
    .replace(/[^\x21-\x7e]/gu, (character) => encodeURIComponent(character));
}

function headersOf(question: HttpQuestion, hop: Hop): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = { 'user-agent': userAgent, accept: '*/*' };
  const given = Map.groupBy(question.headers, ([name]) => name.toLowerCase());
  for (const [name, pairs] of given) {
    const values = pairs.map(([, value]) => value);
    headers[name] = values.length === 1 ? (values[0] ?? '') : values;
  }
  // An empty Accept takes the header away (pkg/probe/http/request.go).
  const kept = Object.entries(headers).filter(([name, value]) => name !== 'accept' || value !== '');
  return {
    ...Object.fromEntries(kept),
    host: hop.host ?? hostAndPort(hop.url),
    connection: 'close',
  };
}

/** Sends one request over a connection and reads the beginning of its answer. Rejects when it breaks. */
function send(
  connection: Duplex,
  path: string,
  headers: Record<string, string | string[]>,
): Promise<{ status: number; location: string | undefined; body: string }> {
  return new Promise((resolve, reject) => {
    const request = http.request(
      { createConnection: () => connection, path, headers },
      (response) => {
        const chunks: Buffer[] = [];
        let bytes = 0;
        const done = (): void => {
          const { statusCode = 0, headers: got } = response;
          const body = Buffer.concat(chunks).toString();
          resolve({ status: statusCode, location: got.location, body });
        };
        response.on('data', (chunk: Buffer) => {
          chunks.push(chunk.subarray(0, maxBodyBytes - bytes));
          bytes += chunk.length;
          if (bytes >= maxBodyBytes) done();
        });
        response.on('end', done);
        response.on('error', reject);
      },
    );
    request.on('error', reject);
    // Not seen by a request whose own connection is none of Node's.
    connection.on('error', reject);
    request.end();
  });
}

/** Where a redirect leads; undefined when the kubelet does not follow it: to another host, or to nowhere. */
function followed(
  answer: { status: number; location: string | undefined },
  hop: Hop,
): Hop | undefined {
  const { status, location } = answer;
  if (!redirects.has(status) || location === undefined || location === '') return undefined;
  const url = URL.parse(location, hop.url.href);
  if (url?.hostname !== hop.url.hostname) return undefined;
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return undefined;
  const isRelative = URL.parse(location) === null;
  return { url, host: isRelative ? hop.host : undefined };
}

async function opened(
  connect: Connect,
  hop: Hop,
  limit: { timeoutMs: number; signal: AbortSignal },
): Promise<Duplex> {
  const stream = await connect(portOf(hop.url), limit);
  // Any certificate will do, and no name is sent: the kubelet asks an address.
  return hop.url.protocol === 'https:'
    ? tls.connect({ socket: stream, rejectUnauthorized: false })
    : stream;
}

async function exchange(
  connect: Connect,
  question: HttpQuestion,
  limit: { timeoutMs: number; signal: AbortSignal },
): Promise<HttpAnswer> {
  const { scheme, podIp, port } = question;
  const origin = `${scheme}://${hostOf(podIp)}:${port}`;
  const host = question.headers.find(([name]) => name.toLowerCase() === 'host')?.[1];
  let path = requestPath(question.path);
  let hop: Hop = {
    url: new URL(origin),
    host: host === undefined || host === '' ? undefined : host,
  };
  for (let asked = 0; asked < maxRequests; asked += 1) {
    const connection = await opened(connect, hop, limit);
    const stop = (): void => {
      connection.destroy(limit.signal.reason as Error);
    };
    limit.signal.addEventListener('abort', stop, { once: true });
    try {
      const answer = await send(connection, path, headersOf(question, hop));
      const next = followed(answer, { ...hop, url: new URL(hop.url.origin + path) });
      if (next === undefined) return { kind: 'answered', status: answer.status, body: answer.body };
      hop = next;
      path = next.url.pathname + next.url.search;
    } finally {
      limit.signal.removeEventListener('abort', stop);
      connection.destroy();
    }
  }
  return { kind: 'broken', why: `stopped after ${maxRequests} redirects` };
}

/**
 * Makes the request of an HTTP probe as the kubelet makes it (k8s.io/kubernetes v1.36, pkg/probe/http):
 * HTTP/1.1 on a connection of its own, TLS without verification, the probe's headers with its Host,
 * redirects followed as long as they stay on the pod's address. Throws what `connect` throws, and the
 * reason of `signal`.
 */
export async function requestAsKubelet(
  ports: { connect: Connect; clock: Clock; signal: AbortSignal },
  question: HttpQuestion,
): Promise<HttpAnswer> {
  const { connect, clock, signal } = ports;
  const { timeoutMs } = question;
  const limit = quietLimit(clock, timeoutMs, signal);
  try {
    return await exchange(connect, question, { timeoutMs, signal: limit.signal });
  } catch (error) {
    signal.throwIfAborted();
    if (limit.signal.aborted) return { kind: 'silent' };
    if (isOfTheWay(error)) throw error;
    return { kind: 'broken', why: brokenBy(error) };
  } finally {
    limit.end();
  }
}

/** Whether it happened before the pod was reached. */
function isOfTheWay(error: unknown): boolean {
  const { name } = error as { name?: string };
  return name === 'ForwardRefusal' || name === 'KubeError';
}
