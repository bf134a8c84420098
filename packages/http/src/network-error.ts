/** What lasts, however often it is tried: certificates, requests and addresses that are wrong in themselves. */
const lasting =
  /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|^ERR_(?:TLS|SSL|INVALID)|^UND_ERR_(?:INVALID_ARG|NOT_SUPPORTED|ABORTED|DESTROYED|CLOSED|REQ_CONTENT_LENGTH)/;
/** Node's and undici's codes of connections that were not made, broke or went silent; and proxy-pool.ts's. */
const network =
  /^(?:ECONN|EHOST|ENET|EAI_AGAIN|ENOTFOUND|EPIPE|ETIMEDOUT|EPROTO|UND_ERR_|HPE_|ERR_PROXY_TUNNEL|ERR_STREAM_PREMATURE_CLOSE)/;

interface Linked {
  code?: unknown;
  name?: unknown;
  cause?: unknown;
  errors?: unknown;
}

const maxDepth = 6;

/** An error, its causes and the errors that these gather: undici hides what happened behind "fetch failed". */
function chain(error: unknown, depth = 0): Linked[] {
  if (typeof error !== 'object' || error === null || depth > maxDepth) return [];
  const linked: Linked = error;
  const several: unknown[] = Array.isArray(linked.errors) ? linked.errors : [];
  return [linked, ...[linked.cause, ...several].flatMap((inner) => chain(inner, depth + 1))];
}

/** The codes (`ECONNREFUSED`) of an error and of its causes, the outermost first. */
export function errorCodes(error: unknown): readonly string[] {
  return chain(error).flatMap(({ code }) => (typeof code === 'string' ? [code] : []));
}

/** Whether a time limit ended it, ours or that of the connection. */
export function isTimeout(error: unknown): boolean {
  return chain(error).some(({ name }) => name === 'TimeoutError');
}

/**
 * Whether an error is one of the network that may be gone in a moment: a connection that was refused,
 * broke, or took too long, a name that did not resolve. Decided by codes and names alone. What was
 * answered is no error of the network.
 */
export function isTransient(error: unknown): boolean {
  const codes = errorCodes(error);
  if (codes.some((code) => lasting.test(code))) return false;
  return isTimeout(error) || codes.some((code) => network.test(code));
}
