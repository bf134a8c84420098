import net from 'node:net';
import { once } from 'node:events';
import { expect, test } from '@jest/globals';
import { closedPort, listenOnAnyPort } from '../src/index.ts';

const codeOf = async (socket: net.Socket | net.Server): Promise<unknown> => {
  const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException];
  return error.code;
};

test('a server is asked at the port that the system gave it', async () => {
  const server = net.createServer((socket) => socket.end('here'));
  const socket = net.connect(await listenOnAnyPort(server), '127.0.0.1');
  expect(String(await once(socket, 'data'))).toBe('here');
  server.close();
});

test('a closed port refuses connections, and nobody can listen on it while it is held', async () => {
  const { port, close } = await closedPort();
  expect(await codeOf(net.connect(port, '127.0.0.1'))).toBe('ECONNREFUSED');
  expect(await codeOf(net.createServer().listen(port, '127.0.0.1'))).toBe('EADDRINUSE');
  await close();
});
