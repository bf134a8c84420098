import { errorMessage } from '@slipway/runtime';
import { KubeError, isKubeStatus } from './kube-error.ts';
import type { Send } from './request.ts';

/** One event of a watch. BOOKMARK objects carry nothing but a newer resourceVersion. */
export interface WatchEvent<T> {
  type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK';
  object: T;
}

const maxLineBytes = 16 * 1024 * 1024;

function parseLine<T>(line: string, path: string): WatchEvent<T> {
  let event: { type: string; object: unknown };
  try {
    event = JSON.parse(line) as { type: string; object: unknown };
  } catch (cause) {
    const message = `The watch of ${path} sent something that is not JSON.`;
    throw new KubeError(message, { status: 0, reason: 'BadAnswer', path, cause });
  }
  if (event.type !== 'ERROR') return event as WatchEvent<T>;
  const status = isKubeStatus(event.object) ? event.object : undefined;
  throw new KubeError(`The watch of ${path} ended: ${status?.message ?? 'no reason was given'}`, {
    status: status?.code ?? 500,
    reason: status?.reason ?? 'InternalError',
    path,
  });
}

/** The next piece of the answer; fetch tells a connection that breaks in the middle as a TypeError. */
async function readPiece(
  body: ReadableStreamDefaultReader<Uint8Array>,
  path: string,
): Promise<{ done: boolean; value?: Uint8Array | undefined }> {
  try {
    return await body.read();
  } catch (cause) {
    if ((cause as Error).name !== 'TypeError') throw cause;
    const message = `The watch of ${path} broke off: ${errorMessage(cause)}.`;
    throw new KubeError(message, { status: 0, reason: 'Unreachable', path, cause });
  }
}

/** The events of one watch connection. Ends when the server ends it. */
export async function* readWatch<T>(
  send: Send,
  options: {
    path: string;
    whole: string;
    signal: AbortSignal | undefined;
    failure: (response: Response) => Promise<KubeError>;
  },
): AsyncGenerator<WatchEvent<T>> {
  // The response outlives `send`: it is read here, and aborted when the caller stops reading.
  const stop = new AbortController();
  const signal =
    options.signal === undefined ? stop.signal : AbortSignal.any([options.signal, stop.signal]);
  const body = await send({
    method: 'GET',
    path: options.whole,
    timeoutMs: 0,
    signal,
    read: async (response) => {
      if (!response.ok) throw await options.failure(response);
      return response.body?.getReader();
    },
  });
  if (body === undefined) return;
  const decoder = new TextDecoder();
  let rest = '';
  try {
    for (;;) {
      const chunk = await readPiece(body, options.path);
      if (chunk.done) return;
      rest += decoder.decode(chunk.value, { stream: true });
      const lines = rest.split('\n');
      rest = lines.pop() ?? '';
      if (rest.length > maxLineBytes)
        throw new KubeError(`The watch of ${options.path} sent an event of over 16 MiB.`, {
          status: 0,
          reason: 'TooLarge',
          path: options.path,
        });
      for (const line of lines) if (line.trim() !== '') yield parseLine<T>(line, options.path);
    }
  } finally {
    stop.abort();
    await body.cancel().catch(() => undefined);
  }
}
