import type { Interference } from './registry-server.ts';

const mebibyte = 1024 * 1024;

/** How a registry differs from one that takes everything. */
export interface RegistryRules {
  /** As people know it, and where the rule is written down. */
  name: string;
  rules: Interference;
}

function refuse(status: number, code: string, message: string): Interference {
  return (_, response) => {
    response.writeHead(status).end(JSON.stringify({ errors: [{ code, message }] }));
    return true;
  };
}

const hasRange = (request: Parameters<Interference>[0]): boolean =>
  request.headers['content-range'] !== undefined;

/** ocx-sh/ocx#237: a chunk may have 4 MiB; a whole upload (no Content-Range) is not limited (openai/tart#179). */
const ghcr: Interference = (request, response, body) =>
  hasRange(request) && body.length > 4 * mebibyte
    ? refuse(
        416,
        'REQUESTED_RANGE_NOT_SATISFIABLE',
        'the request body is too large and exceeds the maximum permissible limit of 4.00MiB',
      )(request, response, body)
    : false;

/** openai/tart#159: an empty last request is answered with 500. */
const ecr: Interference = (request, response, body) =>
  request.method === 'PUT' && request.url?.includes('/blobs/') === true && body.length === 0
    ? refuse(500, 'INTERNAL_ERROR', 'empty')(request, response, body)
    : false;

/** dotnet/sdk-container-builds#287 quotes its documentation: no chunked uploads. */
const artifactRegistry: Interference = (request, response, body) =>
  request.method === 'PATCH' || hasRange(request)
    ? refuse(400, 'UNSUPPORTED', 'chunked uploads are not supported')(request, response, body)
    : false;

/** dotnet/sdk-container-builds#258: a range with a unit, as RFC 9110 has it, is refused. */
const acr: Interference = (request, response, body) =>
  /[a-z]/.test(request.headers['content-range'] ?? '')
    ? refuse(416, 'BLOB_UPLOAD_INVALID', 'the Content-Range header format is invalid')(
        request,
        response,
        body,
      )
    : false;

/** Its API reference ("Upload blob chunk", docs.docker.com) asks for nothing more than the specification does. */
const dockerHub: Interference = () => false;

/** goharbor/harbor#22353: the proxy before it (nginx: client_max_body_size) answers 413, with a page. */
export function behindProxy(maxBytes: number): Interference {
  return (_, response, body) => {
    if (body.length <= maxBytes) return false;
    const page = '<html><head><title>413 Request Entity Too Large</title></head></html>';
    response.writeHead(413, { 'content-type': 'text/html' }).end(page);
    return true;
  };
}

/** The registries that people push to, by what is known of their rules. */
export const registries: readonly RegistryRules[] = [
  { name: 'ghcr.io', rules: ghcr },
  { name: 'Amazon ECR', rules: ecr },
  { name: 'Google Artifact Registry', rules: artifactRegistry },
  { name: 'Azure Container Registry', rules: acr },
  { name: 'Docker Hub', rules: dockerHub },
  { name: 'Harbor behind nginx', rules: behindProxy(2 * mebibyte) },
  { name: 'a registry behind nginx as it comes', rules: behindProxy(mebibyte) },
];
