/**
 * At most `maxBytes` of a response's body as text. What is beyond is not read: the connection is
 * dropped, so that neither a huge nor a never-ending body costs more than the limit. With `keep`,
 * what came before the body broke off (or ran into the time limit) is returned instead of an error.
 */
export async function readLimited(
  response: Response,
  maxBytes: number,
  options: { keep?: boolean } = {},
): Promise<{ text: string; truncated: boolean }> {
  if (response.body === null) return { text: '', truncated: false };
  const chunks: Uint8Array[] = [];
  const result = (truncated: boolean): { text: string; truncated: boolean } => ({
    text: Buffer.concat(chunks).toString(),
    truncated,
  });
  let bytes = 0;
  try {
    // An early `return` out of the loop cancels the stream.
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
      const room = maxBytes - bytes;
      chunks.push(chunk.subarray(0, room));
      if (chunk.length > room) return result(true);
      bytes += chunk.length;
    }
  } catch (error) {
    if (options.keep !== true) throw error;
    return result(true);
  }
  return result(false);
}
