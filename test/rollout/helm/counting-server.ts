import http from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import type { KubeTarget } from '@slipway/kube';

/** Stands in front of an API server and writes down what it is asked. */
export interface CountingServer {
  /** A kubeconfig that leads to it, as text. */
  kubeconfig: string;
  /** `GET /api/v1/pods?watch=true`, in the order of their arrival. */
  requests: readonly string[];
  forget(): void;
  close(): Promise<void>;
}

function kubeconfigAt(server: string): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'counted',
    clusters: [{ name: 'counted', cluster: { server } }],
    users: [{ name: 'nobody', user: {} }],
    contexts: [{ name: 'counted', context: { cluster: 'counted', user: 'nobody' } }],
  });
}

/** Listens on loopback without TLS and asks `target` with its own certificate. */
export async function openCountingServer(target: KubeTarget): Promise<CountingServer> {
  const { ca, cert, key } = target.tls;
  const agent = new https.Agent({ keepAlive: true, ca, cert, key });
  const requests: string[] = [];
  const server = http.createServer((request, response) => {
    const { method = 'GET', url = '/', headers } = request;
    requests.push(`${method} ${url}`);
    const own = { ...headers, host: new URL(target.server).host };
    const asked = https.request(new URL(url, target.server), { agent, method, headers: own });
    asked.on('response', (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    asked.on('error', () => response.destroy());
    response.on('close', () => asked.destroy());
    request.pipe(asked);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    kubeconfig: kubeconfigAt(url),
    requests,
    forget: () => {
      requests.length = 0;
    },
    close: async () => {
      server.closeAllConnections();
      agent.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
