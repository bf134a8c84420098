import { mkdir, stat } from 'node:fs/promises';
import { ExecError } from '@slipway/exec';
import { ActionError, InputError, type Fetch } from '@slipway/runtime';
import { readHelmError } from '../tool/index.ts';
import { readChartFolder } from './chart.ts';
import { downloadChart } from './chart-download.ts';
import {
  digestOf,
  pullChart,
  type PulledChart,
  type PullOptions,
  type PullPorts,
} from './chart-pull.ts';
import { chartSourceText, type ChartSource } from './chart-source.ts';
import { readArchivedChart } from './packaged-chart.ts';

/** A chart that is ready to be rendered. */
export type OpenedChart =
  | (PulledChart & { kind: 'archive' })
  /** Its files may change, so it has no digest. */
  | { kind: 'folder'; path: string; name: string; version: string; digest: '' };

async function isFolder(path: string): Promise<boolean> {
  return await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

/** Has Helm check an archive on this machine against the `.prov` beside it. */
async function verifyArchive(
  { helm, signal }: PullPorts,
  file: string,
  { access, timeoutMs }: PullOptions,
): Promise<void> {
  if (access.keyring === undefined) return;
  try {
    await helm.run(['verify', file, '--keyring', access.keyring], { signal, timeoutMs });
  } catch (cause) {
    if (!(cause instanceof ExecError)) throw cause;
    const { message } = readHelmError(cause.stderr, cause.message);
    throw new ActionError(`The chart ${file} is not signed by a key in keyring: ${message}`, {
      title: 'Chart not verified',
      next: 'Nothing was changed. Sign it (helm package --sign) and put its .prov beside it.',
      cause,
    });
  }
}

async function openArchive(file: string): Promise<OpenedChart> {
  const { name, version } = await readArchivedChart(file);
  return { kind: 'archive', path: file, name, version, digest: await digestOf(file) };
}

/**
 * Makes the chart of `source` lie on this machine: fetched once, read as Helm reads it, and verified
 * where a keyring is given. Throws InputError when it is no chart, ActionError when it cannot be had.
 */
export async function openChart(
  ports: PullPorts & { fetch: Fetch },
  source: ChartSource,
  options: PullOptions,
): Promise<OpenedChart> {
  const { access, folder } = options;
  const signed = access.keyring !== undefined;
  if (source.kind === 'local' && (await isFolder(source.path))) {
    if (signed)
      throw new InputError(
        `verify-chart: ${source.path} is a folder, and only archives are signed.`,
        {
          next: 'Name the packaged chart (.tgz), or leave verify-chart out.',
        },
      );
    const { name, version } = await readChartFolder(source.path);
    return { kind: 'folder', path: source.path, name, version, digest: '' };
  }
  await mkdir(folder, { recursive: true, mode: 0o700 });
  switch (source.kind) {
    case 'local':
      await verifyArchive(ports, source.path, options);
      return await openArchive(source.path);
    case 'archive': {
      const login = access.repository;
      const file = await downloadChart(ports, source.url, { login, folder, signed });
      await verifyArchive(ports, file, options);
      return await openArchive(file);
    }
    case 'registry':
    case 'repository':
    case 'known-repository': {
      const pulled = await pullChart(ports, source, options);
      ports.log.info(`Fetched ${chartSourceText(source)}: ${pulled.version} (${pulled.digest})`);
      return { kind: 'archive', ...pulled };
    }
  }
}
