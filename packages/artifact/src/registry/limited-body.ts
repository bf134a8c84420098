import { ActionError } from '@slipway/runtime';

/** The body, refused above `maxBytes`: a registry's answer is not trusted to be small. */
export async function readLimited(response: Response, maxBytes: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let total = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    total += chunk.length;
    if (total > maxBytes)
      throw new ActionError(
        `${new URL(response.url || 'http://unknown').host} sent more than the ${maxBytes} bytes that are read of such an answer.`,
      );
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
