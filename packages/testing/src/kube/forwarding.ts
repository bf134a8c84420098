import { createHash } from 'node:crypto';
import type http from 'node:http';
import net from 'node:net';
import type { Duplex } from 'node:stream';

/**
 * The node's end of a port-forward: the WebSocket protocol `v4.channel.k8s.io` for one port, as
 * k8s.io/cri-streaming v0.36 speaks it (pkg/streaming/portforward/websocket.go).
 */
const protocol = 'v4.channel.k8s.io';
const acceptance = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

function frame(channel: number, bytes: Buffer): Buffer {
  const length = bytes.length + 1;
  const head = Buffer.alloc(length < 126 ? 2 : 4);
  head[0] = 0x82;
  head[1] = length < 126 ? length : 126;
  if (length >= 126) head.writeUInt16BE(length, 2);
  return Buffer.concat([head, Buffer.from([channel]), bytes]);
}

/** Cuts what a client sends into frames, unmasked. Frames of more than 64 KiB are not expected of ours. */
function clientFrames(take: (opcode: number, payload: Buffer) => void): (chunk: Buffer) => void {
  let rest = Buffer.alloc(0);
  return (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    for (;;) {
      if (rest.length < 2) return;
      const short = (rest[1] ?? 0) & 0x7f;
      const begin = short === 126 ? 8 : 6;
      if (rest.length < begin) return;
      const length = short === 126 ? rest.readUInt16BE(2) : short;
      if (rest.length < begin + length) return;
      const mask = rest.subarray(begin - 4, begin);
      const payload = Buffer.from(rest.subarray(begin, begin + length));
      payload.forEach((byte, at) => payload.writeUInt8(byte ^ (mask[at % 4] ?? 0), at));
      const opcode = (rest[0] ?? 0) & 0x0f;
      rest = rest.subarray(begin + length);
      take(opcode, payload);
    }
  };
}

/** Answers an upgrade, and connects it to `target` on loopback: undefined is a port where nothing listens. */
export function forwardPort(
  request: http.IncomingMessage,
  socket: Duplex,
  forward: { pod: string; port: number; target: number | undefined },
): void {
  const key = request.headers['sec-websocket-key'] ?? '';
  const accept = createHash('sha1')
    .update(key + acceptance)
    .digest('base64');
  socket.write(
    [
      'HTTP/1.1 101 Switching Protocols',
      'Upgrade: websocket',
      'Connection: Upgrade',
      `Sec-WebSocket-Accept: ${accept}`,
      `Sec-WebSocket-Protocol: ${protocol}`,
      '\r\n',
    ].join('\r\n'),
  );
  const port = Buffer.alloc(2);
  port.writeUInt16LE(forward.port);
  socket.write(Buffer.concat([frame(0, port), frame(1, port)]));
  const pod = net.connect(forward.target ?? 1, '127.0.0.1');
  const cut = 60_000;
  pod.on('data', (bytes) => {
    for (let at = 0; at < bytes.length; at += cut)
      socket.write(frame(0, bytes.subarray(at, at + cut)));
  });
  pod.on('error', (error) => {
    const what = `error forwarding port ${forward.port} to pod ${forward.pod}, uid : failed to execute portforward in network namespace "/var/run/netns/x": ${
      'code' in error && error.code === 'ECONNREFUSED'
        ? 'connect: connection refused'
        : error.message
    }`;
    socket.end(frame(1, Buffer.from(what)));
  });
  pod.on('close', () => socket.end());
  const read = clientFrames((opcode, payload) => {
    if (opcode === 8) pod.destroy();
    else if (payload[0] === 0) pod.write(payload.subarray(1));
  });
  socket.on('data', read);
  socket.on('close', () => pod.destroy());
  socket.on('error', () => pod.destroy());
}
