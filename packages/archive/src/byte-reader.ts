/** Takes bytes off a stream in the lengths that are asked for. */
export interface ByteReader {
  /** The next `length` bytes, fewer when the stream ends before. */
  take(length: number): Promise<Buffer>;
  /** Passes over the next `length` bytes; gives how many there were. */
  skip(length: number): Promise<number>;
}

/** A reader of `stream`, of which it holds one chunk at a time. It throws what the stream throws. */
export function byteReader(stream: AsyncIterable<Buffer>): ByteReader {
  const chunks = stream[Symbol.asyncIterator]();
  let rest: Buffer = Buffer.alloc(0);

  /** Hands the next `length` bytes to `use`, in the pieces in which they come. */
  const pull = async (length: number, use: (piece: Buffer) => void): Promise<void> => {
    let left = length;
    while (left > 0) {
      if (rest.length === 0) {
        const next = await chunks.next();
        if (next.done === true) return;
        rest = next.value;
      }
      const piece = rest.subarray(0, left);
      rest = rest.subarray(piece.length);
      left -= piece.length;
      use(piece);
    }
  };
  return {
    take: async (length) => {
      const taken: Buffer[] = [];
      await pull(length, (piece) => taken.push(piece));
      return Buffer.concat(taken);
    },
    skip: async (length) => {
      let passed = 0;
      await pull(length, (piece) => (passed += piece.length));
      return passed;
    },
  };
}
