import { afterEach, expect, test } from '@jest/globals';
import { readLogTail } from '../src/index.ts';
import { json, refusal, startApiServer, type ApiServer } from './api-server.ts';

let server: ApiServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

const of = { namespace: 'shop', pod: 'api-1', container: 'main' };

test('the last words of a container that comes back while it is asked are found', async () => {
  let isBack = false;
  server = await startApiServer(({ url }, response) => {
    const isPrevious = new URL(url, 'http://x').searchParams.get('previous') === 'true';
    if (isPrevious && isBack) response.end('out of luck\n');
    else if (isPrevious)
      json(response, refusal(400, 'BadRequest', 'previous terminated container not found'), 400);
    else {
      isBack = true;
      response.end('');
    }
  });
  expect(await readLogTail(server.client, of)).toBe('out of luck');
  expect(server.received).toHaveLength(3);
});

test('the first words of the run that came back are not taken for the last words of the one that ended', async () => {
  let isBack = false;
  server = await startApiServer(({ url }, response) => {
    const isPrevious = new URL(url, 'http://x').searchParams.get('previous') === 'true';
    if (isPrevious && !isBack)
      json(response, refusal(400, 'BadRequest', 'previous terminated container not found'), 400);
    else response.end(isPrevious ? 'out of luck\n' : 'listening on :8080\n');
    isBack = true;
  });
  expect(await readLogTail(server.client, of)).toBe('out of luck');
});

test('the log of a run that ended and never came back is its last words, though the kubelet fails once', async () => {
  let asked = 0;
  server = await startApiServer(({ url }, response) => {
    asked += 1;
    const isPrevious = new URL(url, 'http://x').searchParams.get('previous') === 'true';
    if (asked === 1) json(response, refusal(500, 'InternalError', 'no such file'), 500);
    else if (isPrevious)
      json(response, refusal(400, 'BadRequest', 'previous terminated container not found'), 400);
    else response.end('out of luck\n');
  });
  expect(await readLogTail(server.client, of)).toBe('out of luck');
  expect(asked).toBe(3);
});

test('a log that may not be read is none, and is asked for once', async () => {
  server = await startApiServer((_, response) =>
    json(response, refusal(403, 'Forbidden', 'pods/log is forbidden'), 403),
  );
  expect(await readLogTail(server.client, of)).toBeUndefined();
  expect(server.received).toHaveLength(1);
});
