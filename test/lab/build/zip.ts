import { readZip } from '@slipway/archive';

/** A wheel or a layer with a program or two in it. */
const limits = { entries: 10_000, bytes: 1024 ** 3 };

/** One file of a zip archive, by its name in the archive. A newcomer's machine often has no unzip. */
export async function readZipEntry(archive: string, name: string): Promise<Buffer> {
  const found: Buffer[] = [];
  await readZip(archive, { limits, only: (path) => path === name }, ({ content }) => {
    found.push(content);
    return Promise.resolve();
  });
  const [content] = found;
  if (content === undefined) throw new Error(`${archive} holds no ${name}.`);
  return content;
}
