import http from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { createKubeClient, type KubeClient, type KubeClientOptions } from '@slipway/kube';
import { fakeLog } from '../port/index.ts';
import type { FakeApiServer } from './fake-api-server.ts';
import { forwardPort } from './forwarding.ts';
import { proxyToPod } from './pod-proxying.ts';

/** A fake API server that listens, and reaches into pods: servers on loopback in their place. */
export interface LoopbackApiServer {
  url: string;
  /** A client with connections of its own; closed with the server. */
  client(options?: Partial<KubeClientOptions>): KubeClient;
  /** From now on this port of a pod is a server on loopback. */
  expose(place: { namespace: string; pod: string; port: number }, loopbackPort: number): void;
  /** How often each way into a pod was taken. */
  taken: Readonly<Record<'proxy' | 'portforward', number>>;
  close(): Promise<void>;
}

const podPath = /^(\/api\/v1\/namespaces\/([^/]+)\/pods\/([^/]+)\/(proxy|portforward))(\/[^]*)?$/;

interface PodCall {
  root: string;
  namespace: string;
  pod: string;
  way: 'proxy' | 'portforward';
  port: number;
  scheme: 'http' | 'https';
  path: string;
}

function podCall(url: string): PodCall | undefined {
  const [path = '', query] = url.split('?');
  const match = podPath.exec(path);
  if (match === null) return undefined;
  const [, root = '', namespace = '', name = '', way, rest = '/'] = match;
  const [, https, pod = '', port] =
    /^(https?:)?([^:]+)(?::(\d+))?$/.exec(decodeURIComponent(name)) ?? [];
  const asked = way === 'proxy' ? port : new URLSearchParams(query).get('ports');
  return {
    root,
    namespace,
    pod,
    way: way === 'proxy' ? 'proxy' : 'portforward',
    port: Number(asked ?? 80),
    scheme: https === 'https:' ? 'https' : 'http',
    path: rest + (query === undefined ? '' : `?${query}`),
  };
}

/** Why a call into a pod is refused, as the API server says it; undefined when it is not. */
async function refusalOf(
  api: FakeApiServer,
  call: PodCall,
): Promise<{ status: number; message: string } | undefined> {
  const lacks = async (verb: string): Promise<boolean> => {
    const spec = { resourceAttributes: { verb, resource: 'pods', subresource: call.way } };
    const answer = await api.fetch(
      'https://api.test/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
      {
        method: 'POST',
        body: JSON.stringify({ spec }),
      },
    );
    return !((await answer.json()) as { status: { allowed: boolean } }).status.allowed;
  };
  for (const verb of call.way === 'proxy' ? ['get'] : ['get', 'create'])
    if (await lacks(verb))
      return {
        status: 403,
        message: `pods "${call.pod}" is forbidden: User "ci" cannot ${verb} resource "pods/${call.way}" in API group "" in the namespace "${call.namespace}"`,
      };
  const found = api.object(`/api/v1/namespaces/${call.namespace}/pods/${call.pod}`);
  return found === undefined ? { status: 404, message: `pods "${call.pod}" not found` } : undefined;
}

const statusText = (code: number, message: string): string =>
  JSON.stringify({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    code,
    message,
  });

/** Everything else is the fake server's own answer. */
async function answerPlain(
  api: FakeApiServer,
  request: http.IncomingMessage,
  response: http.ServerResponse,
): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const ended = new AbortController();
  response.on('close', () => ended.abort());
  const answer = await api.fetch(`https://api.test${request.url ?? ''}`, {
    method: request.method ?? 'GET',
    headers: { 'content-type': request.headers['content-type'] ?? '' },
    ...(chunks.length === 0 ? {} : { body: Buffer.concat(chunks).toString() }),
    signal: ended.signal,
  });
  response.writeHead(answer.status, Object.fromEntries(answer.headers));
  const body = answer.body as unknown as AsyncIterable<Uint8Array> | null;
  for await (const chunk of body ?? []) response.write(chunk);
  response.end();
}

/** Makes `api` listen on loopback. */
export async function listenOnLoopback(api: FakeApiServer): Promise<LoopbackApiServer> {
  const exposed = new Map<string, number>();
  const taken = { proxy: 0, portforward: 0 };
  const clients: Pick<KubeClient, 'close'>[] = [];
  const sockets = new Set<Duplex>();
  const targetOf = ({ namespace, pod, port }: Pick<PodCall, 'namespace' | 'pod' | 'port'>) =>
    exposed.get(`${namespace}/${pod}:${port}`);
  const server = http.createServer((request, response) => {
    const call = podCall(request.url ?? '');
    if (call?.way !== 'proxy') {
      answerPlain(api, request, response).catch(() => response.destroy());
      return;
    }
    void refusalOf(api, call).then((refusal) => {
      if (refusal !== undefined) {
        response.writeHead(refusal.status, { 'content-type': 'application/json' });
        response.end(statusText(refusal.status, refusal.message));
        return;
      }
      taken.proxy += 1;
      proxyToPod(request, response, { ...call, target: targetOf(call) });
    });
  });
  server.on('connection', (socket) => sockets.add(socket));
  server.on('upgrade', (request, socket) => {
    const call = podCall(request.url ?? '');
    if (call === undefined) {
      socket.destroy();
      return;
    }
    void refusalOf(api, call).then((refusal) => {
      if (refusal === undefined) {
        taken.portforward += 1;
        forwardPort(request, socket, { ...call, target: targetOf(call) });
        return;
      }
      const text = statusText(refusal.status, refusal.message);
      const head = `HTTP/1.1 ${refusal.status} Refused\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(text)}\r\n\r\n`;
      socket.end(head + text);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    taken,
    client: (options) => {
      const target = {
        source: 'a test',
        context: 'test',
        server: url,
        namespace: 'default',
        tls: {},
        proxyUrl: undefined,
        auth: { kind: 'none' as const },
        impersonate: [],
      };
      const client = createKubeClient(target, { env: {}, log: fakeLog(), ...options });
      clients.push(client);
      return client;
    },
    expose: ({ namespace, pod, port }, loopbackPort) => {
      exposed.set(`${namespace}/${pod}:${port}`, loopbackPort);
    },
    close: async () => {
      await Promise.all(clients.map((client) => client.close()));
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
