import * as fs from 'node:fs/promises';
import path from 'node:path';
import { ArchiveError, readTarGzEntries } from '@slipway/archive';
import { errorMessage, InputError, quoted } from '@slipway/runtime';
import { parseChartMetadata, type ChartMetadata } from './chart.ts';

/** More than twice of what Helm 4 loads (helm/pkg/chart/loader/archive: 100 MiB). */
const limits = { entries: 100_000, bytes: 256 * 1024 * 1024 };

/**
 * The path of an entry below the chart's own folder, whatever that is called; undefined where Helm
 * refuses the archive: outside that folder, absolute, or with a drive.
 */
export function pathInChart(name: string): string | undefined {
  const [folder = '', ...rest] = name.split(name.includes('\\') ? '\\' : '/');
  const inside = rest.join('/');
  const clean = path.posix.normalize(inside).replace(/\/$/, '');
  const leadsElsewhere = inside.startsWith('/') || clean.startsWith('..') || clean === '.';
  if (leadsElsewhere || folder === 'Chart.yaml' || /^[A-Za-z]:\//.test(clean)) return undefined;
  return clean;
}

/** Every file that Helm takes metadata from, in the order in which it does. */
async function metadataFiles(file: string): Promise<string[]> {
  const found = new Map<string, string[]>([
    ['Chart.yaml', []],
    ['requirements.yaml', []],
  ]);
  const entries = readTarGzEntries(await fs.readFile(file), { name: file, limits });
  for await (const entry of entries) {
    if (entry.isFolder || entry.type === 'g') continue;
    const inside = pathInChart(entry.name);
    if (inside === undefined)
      throw new ArchiveError(file, `holds the name ${quoted(entry.name)}, which Helm refuses`);
    found.get(inside)?.push((await entry.content()).toString('utf8'));
  }
  return [...found.values()].flat();
}

/**
 * The metadata of a packaged chart, read as Helm 3 and 4 read it (chart/loader/load.go and
 * archive.go): from every Chart.yaml right below the first folder of a name, whatever kind of entry it
 * is, and then from every requirements.yaml; of each field the last one counts. Throws InputError naming
 * the archive, also where Helm refuses it.
 */
export async function readArchivedChart(file: string): Promise<ChartMetadata> {
  const next = 'Delete the file and run `helm dependency build`.';
  let documents: string[];
  try {
    documents = await metadataFiles(file);
  } catch (cause) {
    const why = cause instanceof ArchiveError ? `it ${cause.why}` : errorMessage(cause);
    throw new InputError(`${file} is not a packaged chart: ${why}.`, { next, cause });
  }
  if (documents.length === 0)
    throw new InputError(`${file} is not a packaged chart: it has no Chart.yaml.`, { next });
  return parseChartMetadata(documents, `${file}:Chart.yaml`);
}
