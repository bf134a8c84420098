import { subscribe } from 'node:diagnostics_channel';
import type { ClientRequest } from 'node:http';
import type { Socket } from 'node:net';
import type { Traffic } from './transfer.ts';

/**
 * Counts from now on what all HTTP requests of this process send and receive, whoever makes them, by the sockets
 * that they use (diagnostics channel `http.client.request.start`).
 */
export function countTraffic(): () => Traffic {
  const open = new Set<Socket>();
  const closed: Traffic = { received: 0, sent: 0 };
  const add = (socket: Socket): void => {
    if (open.has(socket)) return;
    open.add(socket);
    socket.once('close', () => {
      open.delete(socket);
      closed.received += socket.bytesRead;
      closed.sent += socket.bytesWritten;
    });
  };
  subscribe('http.client.request.start', (message) => {
    const { request } = message as { request: ClientRequest };
    if (request.socket === null) request.once('socket', add);
    else add(request.socket);
  });
  return () => {
    const sum = { ...closed };
    for (const socket of open) {
      sum.received += socket.bytesRead;
      sum.sent += socket.bytesWritten;
    }
    return sum;
  };
}
