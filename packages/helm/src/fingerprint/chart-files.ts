import * as fs from 'node:fs/promises';
import path from 'node:path';
import { ArchiveError, readTarGzEntries } from '@slipway/archive';
import { pathInChart } from '../chart/index.ts';

/** One file of a chart. */
export interface ChartFile {
  /** Below the chart's own folder, with `/`; of an archive in `charts/` it goes on behind its name. */
  path: string;
  content: Buffer;
}

/** Above these it takes longer to read a chart than to render it. */
const mostFiles = 4_000;
const mostBytes = 64 * 1024 * 1024;
const deepest = 16;

/** A chart that is too large, or links into itself. */
export class ChartTooLargeError extends Error {}

/** Counts files and their bytes. */
type Tally = (bytes: number) => void;

function createTally(): Tally {
  let files = 0;
  let bytes = 0;
  return (more) => {
    files += 1;
    bytes += more;
    if (files > mostFiles || bytes > mostBytes)
      throw new ChartTooLargeError('The chart is too large to be looked through.');
  };
}

const isPackedChart = (name: string): boolean => /(?:^|\/)charts\/[^/]+\.tgz$/.test(name);

/** The files of a packaged chart, without the folder that it lies in, and without what a packer notes of time. */
async function unpacked(archive: Buffer, name: string, tally: Tally): Promise<ChartFile[]> {
  const files: ChartFile[] = [];
  const limits = { entries: mostFiles, bytes: mostBytes };
  for await (const entry of readTarGzEntries(archive, { name, limits })) {
    if (entry.isFolder || entry.type === 'g') continue;
    const content = await entry.content();
    tally(content.length);
    const inside = pathInChart(entry.name);
    if (inside === undefined) throw new ArchiveError(name, 'holds a name that Helm refuses');
    files.push({ path: inside.replaceAll('\\', '/'), content });
  }
  return files;
}

async function filesIn(folder: string, below: string, tally: Tally): Promise<ChartFile[]> {
  if (below.split('/').length > deepest)
    throw new ChartTooLargeError('The chart is too deep to be looked through.');
  const names = await fs.readdir(path.join(folder, below));
  const found = await Promise.all(
    names.map(async (name): Promise<ChartFile[]> => {
      const inside = below === '' ? name : `${below}/${name}`;
      const file = path.join(folder, inside);
      // Helm follows links, too.
      const stat = await fs.stat(file);
      if (stat.isDirectory()) return await filesIn(folder, inside, tally);
      if (!stat.isFile()) return [];
      tally(stat.size);
      return [{ path: inside, content: await fs.readFile(file) }];
    }),
  );
  return found.flat();
}

async function withUnpacked(file: ChartFile, tally: Tally, depth = 0): Promise<ChartFile[]> {
  if (!isPackedChart(file.path)) return [file];
  if (depth > deepest) throw new ChartTooLargeError('Charts lie in charts without an end.');
  const inner = (await unpacked(file.content, file.path, tally)).map((one) => ({
    path: `${file.path}/${one.path}`,
    content: one.content,
  }));
  return (await Promise.all(inner.map((one) => withUnpacked(one, tally, depth + 1)))).flat();
}

/**
 * Every file of the chart at `place` (a folder or a .tgz), those of the charts that are packed in it too, by
 * their paths. Throws ChartTooLargeError, ArchiveError, and what the file system says.
 */
export async function readChartFiles(place: string): Promise<readonly ChartFile[]> {
  const tally = createTally();
  const stat = await fs.stat(place);
  const files = stat.isDirectory()
    ? await filesIn(place, '', tally)
    : await unpacked(await fs.readFile(place), place, tally);
  const all = (await Promise.all(files.map((file) => withUnpacked(file, tally)))).flat();
  return all.sort((a, b) => (a.path < b.path ? -1 : 1));
}
