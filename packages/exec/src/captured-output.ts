/** Bytes of a stream up to a limit. */
export interface CapturedHead {
  /** False once more came than may be kept; nothing further is kept then. */
  add(chunk: Buffer): boolean;
  text(): string;
}

/** Keeps all of a stream as long as it has at most `maxBytes`. */
export function capturedHead(maxBytes: number): CapturedHead {
  const chunks: Buffer[] = [];
  let bytes = 0;
  return {
    add: (chunk) => {
      bytes += chunk.length;
      if (bytes > maxBytes) return false;
      chunks.push(chunk);
      return true;
    },
    text: () => Buffer.concat(chunks).toString(),
  };
}

/** The end of a stream. */
export interface CapturedTail {
  add(chunk: Buffer): void;
  text(): string;
}

/**
 * Keeps the last `maxBytes` of a stream. When something was cut off, so is the rest of the line it was
 * cut from: half a secret could not be recognised and redacted.
 */
export function capturedTail(maxBytes: number): CapturedTail {
  let tail = Buffer.alloc(0);
  let cut = false;
  return {
    add: (chunk) => {
      cut ||= tail.length + chunk.length > maxBytes;
      tail = Buffer.concat([tail, chunk]).subarray(-maxBytes);
    },
    text: () => {
      const text = tail.toString();
      return cut ? text.slice(text.indexOf('\n') + 1) : text;
    },
  };
}
