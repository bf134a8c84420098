import { randomBytes } from 'node:crypto';

/** What a frame is for (RFC 6455, section 5.2). */
export const opcodes = { more: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** One frame of a WebSocket. */
export interface Frame {
  opcode: number;
  /** Whether a message ends with it. */
  final: boolean;
  payload: Buffer;
}

/** A frame as a client sends it: whole and masked. */
export function encodeFrame(opcode: number, payload: Buffer): Buffer {
  const { length } = payload;
  const extended = Buffer.alloc(lengthBytes(length));
  if (extended.length === 2) extended.writeUInt16BE(length);
  if (extended.length === 8) extended.writeBigUInt64BE(BigInt(length));
  const short = { 0: length, 2: 126, 8: 127 }[extended.length] ?? 0;
  const mask = randomBytes(4);
  const masked = Buffer.from(payload);
  for (let at = 0; at < length; at += 1)
    masked.writeUInt8((masked[at] ?? 0) ^ (mask[at % 4] ?? 0), at);
  return Buffer.concat([Buffer.from([0x80 | opcode, 0x80 | short]), extended, mask, masked]);
}

function lengthBytes(length: number): number {
  if (length < 126) return 0;
  return length < 65_536 ? 2 : 8;
}

/** Where the payload of the first frame in `bytes` begins and ends; undefined while its head is not whole. */
function extent(bytes: Buffer): { begin: number; end: number } | undefined {
  const second = bytes[1];
  if (second === undefined) return undefined;
  const short = second & 0x7f;
  const extended = { 126: 2, 127: 8 }[short] ?? 0;
  const begin = 2 + extended;
  if (bytes.length < begin) return undefined;
  if (extended === 0) return { begin, end: begin + short };
  const length = extended === 2 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
  return { begin, end: begin + length };
}

/**
 * Takes what a server sends, in pieces of any size, and gives the frames that are whole. Throws on what no
 * server may send: a masked frame, reserved bits, more than `maxBytes` in one frame.
 */
export function createFrameReader(maxBytes: number): (chunk: Buffer) => readonly Frame[] {
  let rest: Buffer = Buffer.alloc(0);
  return (chunk) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const frames: Frame[] = [];
    for (;;) {
      const place = extent(rest);
      if (place === undefined) return frames;
      const [first = 0, second = 0] = rest;
      if ((first & 0x70) !== 0 || (second & 0x80) !== 0)
        throw new Error('The server sent a WebSocket frame that no server may send.');
      if (place.end - place.begin > maxBytes)
        throw new Error(`The server sent a WebSocket frame of more than ${maxBytes} bytes.`);
      if (rest.length < place.end) return frames;
      const payload = rest.subarray(place.begin, place.end);
      frames.push({ opcode: first & 0x0f, final: (first & 0x80) !== 0, payload });
      rest = rest.subarray(place.end);
    }
  };
}
