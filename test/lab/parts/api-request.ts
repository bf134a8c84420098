import { readFileSync } from 'node:fs';
import https from 'node:https';
import path from 'node:path';

/** The API server of a lab, as its administrator. */
export interface ApiServer {
  /** For example https://10.211.0.1:6443. */
  url: string;
  certificates: string;
}

/** GETs a path of the API server. Rejects when it cannot be reached within two seconds. */
export function apiRequest(
  server: ApiServer,
  apiPath: string,
): Promise<{ status: number; body: string }> {
  const file = (name: string): Buffer => readFileSync(path.join(server.certificates, name));
  return new Promise((resolve, reject) => {
    const request = https.get(
      new URL(apiPath, server.url),
      {
        ca: file('ca.crt'),
        cert: file('admin.crt'),
        key: file('admin.key'),
        agent: false,
        timeout: 2_000,
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() }),
        );
      },
    );
    request.on('timeout', () => request.destroy(new Error(`${server.url} did not answer in 2 s.`)));
    request.on('error', reject);
  });
}

interface NodeObject {
  status?: { conditions?: { type: string; status: string }[] };
}

/** Whether the API server is ready to serve. */
export async function apiIsReady(server: ApiServer): Promise<boolean> {
  return (await apiRequest(server, '/readyz')).status === 200;
}

/** Whether the node is Ready and pods can be made in the default namespace. */
export async function nodeIsReady(server: ApiServer, node: string): Promise<boolean> {
  const { status, body } = await apiRequest(server, `/api/v1/nodes/${node}`);
  if (status !== 200) return false;
  const conditions = (JSON.parse(body) as NodeObject).status?.conditions ?? [];
  if (!conditions.some(({ type, status }) => type === 'Ready' && status === 'True')) return false;
  const account = await apiRequest(server, '/api/v1/namespaces/default/serviceaccounts/default');
  return account.status === 200;
}
