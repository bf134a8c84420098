import type { ApiRequest } from './api-request.ts';
import { apiVersionOf } from './kinds.ts';
import { selectorOf, type Selector } from './selector.ts';
import { refusals, statusOf } from './status.ts';
import type { StoreChange } from './store.ts';
import { keyOf, requireKind, type OpenWatch, type ServerWorld } from './world.ts';

/** The event that a change is for what `selects`: objects come and go by their labels, too. */
function eventOf(change: StoreChange, selects: Selector): object | undefined {
  const { before, object, gone } = change;
  const was = before !== undefined && selects(before);
  const is = !gone && selects(object);
  if (!was && !is) return undefined;
  if (was && is) return { type: 'MODIFIED', object };
  if (is) return { type: 'ADDED', object };
  if (gone) return { type: 'DELETED', object };
  const { resourceVersion } = object.metadata;
  return {
    type: 'DELETED',
    object: { ...before, metadata: { ...before?.metadata, resourceVersion } },
  };
}

/** What is told first: what is there, what changed since, or that nobody knows any more. */
function beginning(world: ServerWorld, request: ApiRequest, prefix: string): readonly object[] {
  const asked = request.query.get('resourceVersion') ?? '';
  const selects = selectorOf(request.query);
  if (asked === '' || asked === '0')
    return world.store
      .list(prefix)
      .filter(selects)
      .map((object) => ({ type: 'ADDED', object }));
  const changes = world.store.since(Number(asked));
  if (changes === undefined) {
    const refusal = refusals.expired(asked, world.store.oldest());
    return [{ type: 'ERROR', object: statusOf(refusal) }];
  }
  return changes
    .filter(({ key }) => key.startsWith(prefix))
    .flatMap((change) => eventOf(change, selects) ?? []);
}

function bookmarkOf(world: ServerWorld, request: ApiRequest): object {
  const kind = requireKind(request);
  const metadata = { resourceVersion: String(world.store.version()) };
  return {
    type: 'BOOKMARK',
    object: { kind: kind.kind, apiVersion: apiVersionOf(kind), metadata },
  };
}

/** The answer to a watch: lines of JSON, until its time is over, it is broken off or nobody reads it. */
export function openWatch(
  world: ServerWorld,
  request: ApiRequest,
  signal: AbortSignal | undefined,
): Response {
  const prefix = keyOf(requireKind(request), request.namespace, request.name);
  const selects = selectorOf(request.query);
  const first = beginning(world, request, prefix);
  const wantsBookmarks = request.query.get('allowWatchBookmarks') === 'true';
  const seconds = Number(request.query.get('timeoutSeconds') ?? 1_800);
  const encoder = new TextEncoder();
  let close: () => void = () => undefined;
  const body = new ReadableStream<Uint8Array>({
    start: (stream) => {
      const tell = (event: object): void =>
        stream.enqueue(encoder.encode(`${JSON.stringify(event)}\n`));
      const bookmark = (): void => {
        if (wantsBookmarks) tell(bookmarkOf(world, request));
      };
      const abandon = (reason: unknown): void => {
        close();
        stream.error(reason);
      };
      const end = (): void => {
        close();
        stream.close();
      };
      const onAbort = (): void => abandon(signal?.reason);
      const open: OpenWatch = { request, bookmark, end, break: abandon };
      const timer = world.clock.after(seconds * 1000, () => {
        bookmark();
        end();
      });
      const unsubscribe = world.store.subscribe((change) => {
        const event = change.key.startsWith(prefix) ? eventOf(change, selects) : undefined;
        if (event !== undefined) tell(event);
      });
      close = () => {
        timer.stop();
        unsubscribe();
        world.watches.delete(open);
        signal?.removeEventListener('abort', onAbort);
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      world.watches.add(open);
      first.forEach(tell);
      if (first.some((event) => (event as { type: string }).type === 'ERROR')) end();
    },
    cancel: () => close(),
  });
  return new Response(body, { status: 200, headers: { 'content-type': 'application/json' } });
}
