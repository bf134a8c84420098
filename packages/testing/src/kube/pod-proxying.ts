import http from 'node:http';
import https from 'node:https';
import { refusalResponse } from './status.ts';

/** One request of the pod proxy, and where it goes. */
export interface ProxiedRequest {
  /** The path up to and with `/proxy`. */
  root: string;
  /** What is asked of the pod. */
  path: string;
  scheme: 'http' | 'https';
  /** On loopback; undefined is a port where nothing listens. */
  target: number | undefined;
}

const hopByHop = new Set(['connection', 'keep-alive', 'transfer-encoding', 'upgrade']);

/**
 * Hands a request on as the API server does (k8s.io/apimachinery v0.36, pkg/util/proxy): its own Host,
 * no Authorization, X-Forwarded-*, and paths of the pod in Location written into its own.
 */
export function proxyToPod(
  request: http.IncomingMessage,
  response: http.ServerResponse,
  { root, path, scheme, target }: ProxiedRequest,
): void {
  const { authorization: _, ...others } = request.headers;
  const headers = Object.fromEntries(
    Object.entries(others).filter(([name]) => !hopByHop.has(name)),
  );
  const onward = (scheme === 'https' ? https : http).request(
    {
      host: '127.0.0.1',
      port: target ?? 1,
      path,
      method: request.method,
      rejectUnauthorized: false,
      agent: false,
      headers: { ...headers, 'x-forwarded-for': '127.0.0.1', 'x-forwarded-uri': root + path },
    },
    (answer) => {
      const { location } = answer.headers;
      const rewritten = location?.startsWith('/') === true ? { location: root + location } : {};
      response.writeHead(answer.statusCode ?? 502, { ...answer.headers, ...rewritten });
      answer.pipe(response);
    },
  );
  onward.on('error', (error) => {
    const said = 'code' in error && error.code === 'ECONNREFUSED' ? 'connection refused' : 'EOF';
    const message = `error trying to reach service: dial tcp 10.0.0.1: connect: ${said}`;
    const refusal = refusalResponse({ code: 503, reason: 'ServiceUnavailable', message });
    void refusal
      .text()
      .then((text) => response.writeHead(503, { 'content-type': 'application/json' }).end(text));
  });
  request.on('close', () => {
    if (!response.writableEnded) onward.destroy();
  });
  onward.end();
}
