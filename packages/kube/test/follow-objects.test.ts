import { afterEach, describe, expect, test } from '@jest/globals';
import { fakeApiServer, fakeClock, fakeLog, type FakeApiServer } from '@slipway/testing';
import { followObjects, type Change, type KubeObject } from '../src/index.ts';
import { json, named, pods, refusal, startApiServer, type ApiServer } from './api-server.ts';

let server: ApiServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

describe('following objects', () => {
  const line = (type: string, object: object): string => `${JSON.stringify({ type, object })}\n`;

  async function collect(until: number): Promise<string[]> {
    const told: string[] = [];
    const stop = new AbortController();
    const ports = { client: server?.client, clock: fakeClock(), log: fakeLog() } as Parameters<
      typeof followObjects
    >[0];
    for await (const change of followObjects(ports, pods, {}, stop.signal)) {
      told.push(`${change.type} ${name(change)}`.trim());
      if (told.length >= until) stop.abort();
    }
    return told;
  }
  const name = (change: Change<KubeObject>): string => change.object?.metadata?.name ?? '';

  /** Ends the first watch as servers do after some minutes, and breaks off the second. */
  async function endTwice(api: FakeApiServer): Promise<void> {
    for (const [nth, how] of [
      [1, 'end'],
      [2, 'break'],
    ] as const) {
      const isOpen = (): boolean => api.count({ verb: 'watch' }) === nth && api.openWatches() === 1;
      while (!isOpen()) await new Promise((resolve) => setImmediate(resolve));
      api.endWatches(how);
    }
  }

  test('tells what is there, then what changes, across split lines', async () => {
    server = await startApiServer(({ url }, response) => {
      if (!url.includes('watch=true')) {
        json(response, { items: [named('a', '4')], metadata: { resourceVersion: '5' } });
        return;
      }
      const text =
        line('MODIFIED', named('a', '6')) +
        line('BOOKMARK', named('', '8')) +
        line('DELETED', named('a', '9'));
      response.write(text.slice(0, 30));
      setTimeout(() => response.write(text.slice(30)), 5);
    });
    expect(await collect(4)).toEqual(['ADDED a', 'SYNC', 'MODIFIED a', 'DELETED a']);
    expect(server.received[1]?.url).toContain('resourceVersion=5');
  });

  test('goes on from the bookmark when the server ends the watch', async () => {
    server = await startApiServer(({ url }, response) => {
      if (!url.includes('watch=true'))
        json(response, { items: [], metadata: { resourceVersion: '5' } });
      else if (url.includes('resourceVersion=5')) response.end(line('BOOKMARK', named('', '8')));
      else response.write(line('ADDED', named('b', '9')));
    });
    expect(await collect(2)).toEqual(['SYNC', 'ADDED b']);
    expect(server.received[2]?.url).toContain('resourceVersion=8');
  });

  test('lists again after 410 and tells the difference', async () => {
    let lists = 0;
    server = await startApiServer(({ url }, response) => {
      if (url.includes('watch=true')) {
        if (lists === 1)
          response.end(line('ERROR', refusal(410, 'Expired', 'too old resource version')));
        return;
      }
      lists += 1;
      const items =
        lists === 1 ? [named('a', '1'), named('b', '2')] : [named('b', '7'), named('c', '8')];
      json(response, { items, metadata: { resourceVersion: String(lists) } });
    });
    expect(await collect(7)).toEqual([
      'ADDED a',
      'ADDED b',
      'SYNC',
      'DELETED a',
      'MODIFIED b',
      'ADDED c',
      'SYNC',
    ]);
  });

  test('says that it lost sight and then goes on', async () => {
    let watches = 0;
    server = await startApiServer(({ url }, response) => {
      if (!url.includes('watch=true'))
        json(response, { items: [], metadata: { resourceVersion: '5' } });
      else if (++watches === 1) response.writeHead(500).end();
      else response.write(line('ADDED', named('b', '9')));
    });
    expect(await collect(3)).toEqual(['SYNC', 'LOST', 'ADDED b']);
  });

  test('says so, and goes on, when the connection breaks in the middle', async () => {
    let watches = 0;
    server = await startApiServer(({ url }, response) => {
      if (!url.includes('watch=true'))
        json(response, { items: [], metadata: { resourceVersion: '5' } });
      else if (++watches === 1)
        response.write(line('ADDED', named('a', '7')), () => response.destroy());
      else response.write(line('ADDED', named('b', '9')));
    });
    expect(await collect(4)).toEqual(['SYNC', 'ADDED a', 'LOST', 'ADDED b']);
    expect(server.received[2]?.url).toContain('resourceVersion=7');
  });

  test('reads 300 objects in one request, and none again when the watch is taken up', async () => {
    const clock = fakeClock();
    const api = fakeApiServer({ clock, namespaces: ['shop'] });
    for (let index = 0; index < 300; index += 1)
      api.put({
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: `p${index}`, namespace: 'shop' },
      });
    const stop = new AbortController();
    const ports = { client: api.client(), clock, log: fakeLog() };
    const told = new Map<string, number>();
    for await (const { type } of followObjects(ports, pods, {}, stop.signal)) {
      told.set(type, (told.get(type) ?? 0) + 1);
      if (type === 'SYNC') void endTwice(api);
      if (type === 'LOST') stop.abort();
    }
    expect(told).toEqual(
      new Map([
        ['ADDED', 300],
        ['SYNC', 1],
        ['LOST', 1],
      ]),
    );
    expect(api.count({ verb: 'list' })).toBe(1);
    expect(api.count({ verb: 'watch' })).toBe(2);
  });

  test('ends with the refusal when it may not watch', async () => {
    server = await startApiServer((_, response) =>
      json(response, refusal(403, 'Forbidden', 'no'), 403),
    );
    await expect(collect(1)).rejects.toMatchObject({ status: 403 });
  });
});
