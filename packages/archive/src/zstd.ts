import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import * as zlib from 'node:zlib';

/**
 * Zstandard (RFC 8878) in pieces, with a checksum of the content, as the command zstd writes it. The bytes are
 * the same for the same content and the same libzstd; compare what is inside when Node differs.
 */
export async function* zstdChunks(
  source: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void> {
  const { ZSTD_c_compressionLevel: level, ZSTD_c_checksumFlag: checksum } = zlib.constants;
  const packer = zlib.createZstdCompress({ params: { [level]: 9, [checksum]: 1 } });
  const feeding = pipeline(Readable.from(source, { objectMode: true }), packer);
  // Its error is thrown by the loop, too; nobody awaits it when the reader leaves the loop early.
  feeding.catch(() => undefined);
  for await (const chunk of packer as AsyncIterable<Buffer>) yield chunk;
  await feeding;
}
