import { Duplex } from 'node:stream';
import { createFrameReader, encodeFrame, opcodes, type Frame } from './websocket-frames.ts';

/** The node's word on a port of a pod: nothing listens there, or the connection broke. */
export class PortForwardError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'PortForwardError';
  }
}

const channels = { data: 0, error: 1 } as const;
/** The server's first message on each channel repeats the port, in two bytes. */
const prefixBytes = 2;
const maxFrameBytes = 4 * 1024 * 1024;
/** What goes out in one frame; the node reads frames whole. */
const maxSentBytes = 32_768;

/** What of a channel's message is the channel's own, after the port that begins each. */
function channelReader(take: (channel: number, bytes: Buffer) => void): (frame: Frame) => void {
  const skipped = new Map<number, number>();
  let channel: number | undefined;
  return ({ payload, final }) => {
    const begins = channel === undefined;
    const current = channel ?? payload[0];
    channel = final ? undefined : current;
    if (current === undefined) return;
    const bytes = begins ? payload.subarray(1) : payload;
    const before = skipped.get(current) ?? 0;
    const skip = Math.min(prefixBytes - before, bytes.length);
    skipped.set(current, before + skip);
    if (bytes.length > skip) take(current, bytes.subarray(skip));
  };
}

/** The bytes of `chunk` in messages on the data channel. */
function messages(chunk: Buffer): Buffer {
  const frames: Buffer[] = [];
  for (let at = 0; at < chunk.length; at += maxSentBytes) {
    const part = chunk.subarray(at, at + maxSentBytes);
    frames.push(encodeFrame(opcodes.binary, Buffer.concat([Buffer.from([channels.data]), part])));
  }
  return Buffer.concat(frames);
}

/**
 * The bytes to and from one port of a pod, over a WebSocket of the protocol `v4.channel.k8s.io` (one port,
 * two channels; k8s.io/cri-streaming, pkg/streaming/portforward/websocket.go). Ends with PortForwardError
 * when the node could not connect. The protocol has no half close: `end` sends nothing.
 */
export function forwardedStream(socket: Duplex): Duplex {
  const read = createFrameReader(maxFrameBytes);
  const stream: Duplex = new Duplex({
    read: () => {
      socket.resume();
    },
    write: (chunk: Buffer, _, done) => {
      socket.write(messages(chunk), (error) => done(error ?? null));
    },
    final: (done) => done(),
    destroy: (error, done) => {
      if (!socket.destroyed) socket.end(encodeFrame(opcodes.close, Buffer.from([0x03, 0xe8])));
      socket.destroy();
      done(error);
    },
  });
  const ended = (): void => {
    if (!stream.destroyed && !stream.readableEnded) stream.push(null);
  };
  const onChannel = channelReader((channel, bytes) => {
    if (channel === channels.error)
      stream.destroy(new PortForwardError(bytes.toString().slice(0, 1_000)));
    else if (!stream.destroyed && !stream.push(bytes)) socket.pause();
  });
  const onFrame = (frame: Frame): void => {
    if (frame.opcode === opcodes.close) ended();
    else if (frame.opcode === opcodes.ping)
      socket.write(encodeFrame(opcodes.pong, Buffer.from(frame.payload)));
    else if (frame.opcode <= opcodes.binary) onChannel(frame);
  };
  socket.on('data', (chunk: Buffer) => {
    try {
      read(chunk).forEach(onFrame);
    } catch (error) {
      stream.destroy(error as Error);
    }
  });
  socket.on('end', ended);
  socket.on('close', ended);
  socket.on('error', (error) => stream.destroy(error));
  return stream;
}
