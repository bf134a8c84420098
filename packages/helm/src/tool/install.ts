import { createHash, randomUUID, webcrypto } from 'node:crypto';
import * as fs from 'node:fs/promises';
import path from 'node:path';
import { readTarGz } from '@slipway/archive';
import { retryingFetch } from '@slipway/http';
import { ActionError, errorMessage, timeLimit } from '@slipway/runtime';
import type { HelmToolPorts } from './ports.ts';

const officialSite = 'https://get.helm.sh';
const architectures: Readonly<Record<string, string>> = {
  x64: 'amd64',
  arm64: 'arm64',
  arm: 'arm',
  ia32: '386',
  ppc64: 'ppc64le',
  s390x: 's390x',
  riscv64: 'riscv64',
};
const maxArchiveBytes = 128 * 1024 * 1024;
const downloadLimitMs = 120_000;
/** Helm 4.2 unpacks to 62 MB in 4 entries. */
const limits = { entries: 1_000, bytes: 256 * 1024 * 1024 };

async function download(ports: HelmToolPorts, url: string, what: string): Promise<Buffer> {
  const next =
    `Does ${what} exist, and can this runner reach ${new URL(url).host}? ` +
    'An offline runner can bring its own Helm: put it on PATH and leave helm-version empty.';
  let response: Response;
  try {
    const fetch = retryingFetch(ports.fetch, ports);
    response = await fetch(url, { signal: timeLimit(ports.clock, downloadLimitMs) });
  } catch (cause) {
    throw new ActionError(`${url} could not be fetched: ${errorMessage(cause)}`, { next, cause });
  }
  if (!response.ok)
    throw new ActionError(`${url} answered ${response.status}.`, { title: 'Helm download', next });
  if (Number(response.headers.get('content-length') ?? 0) > maxArchiveBytes)
    throw new ActionError(`${url} is larger than any Helm.`, { next });
  return Buffer.from(await response.arrayBuffer());
}

/** The sum of a file, made beside other work: 60 MB take a while. */
async function sha256Of(file: string): Promise<string> {
  const sum = await webcrypto.subtle.digest('SHA-256', await fs.readFile(file));
  return Buffer.from(sum).toString('hex');
}

/**
 * The path of Helm `version` in the tool cache (its layout: `helm/<version>/<arch>`), fetched when it
 * is not there. The archive must match the site's sha256 and the cached binary the sum noted when it
 * was unpacked, since self-hosted runners share the cache between jobs. A binary that was fetched goes
 * through `accept` before its sum is noted; the noted one is known. Throws ActionError, and what `accept` throws.
 */
export async function installHelm(
  version: string,
  ports: HelmToolPorts,
  accept: (file: string) => Promise<void>,
): Promise<string> {
  const arch = architectures[ports.arch];
  if (arch === undefined)
    throw new ActionError(`There is no Helm for the architecture ${ports.arch}.`);
  const os = ports.os === 'win32' ? 'windows' : ports.os;
  const binary = ports.os === 'win32' ? 'helm.exe' : 'helm';
  const folder = path.join(ports.toolCache, 'helm', version, ports.arch);
  const file = path.join(folder, binary);
  const noted = await fs.readFile(`${folder}.sha256`, 'utf8').catch(() => '');
  if (noted !== '' && (await sha256Of(file).catch(() => '')) === noted.trim()) return file;

  const base = (ports.downloadBaseUrl ?? officialSite).replace(/\/$/, '');
  const name = `helm-v${version}-${os}-${arch}.tar.gz`;
  ports.log.info(`Fetching Helm ${version} from ${base}`);
  const [archive, sums] = await Promise.all([
    download(ports, `${base}/${name}`, `Helm ${version}`),
    download(ports, `${base}/${name}.sha256`, `Helm ${version}`),
  ]);
  const wanted = /^[0-9a-f]{64}/i.exec(sums.toString('utf8').trim())?.[0].toLowerCase();
  const got = createHash('sha256').update(archive).digest('hex');
  if (wanted !== got)
    throw new ActionError(
      `${base}/${name} has the sha256 ${got}, but its .sha256 file says ${wanted ?? 'nothing readable'}.`,
      {
        title: 'Helm download',
        next: 'Nothing was installed. Try again; if it stays, the download is tampered with on its way.',
      },
    );
  const wantedPath = `${os}-${arch}/${binary}`;
  const [entry] = await readTarGz(archive, { name, limits, only: (one) => one === wantedPath });
  if (entry === undefined) throw new ActionError(`${name} holds no ${wantedPath}.`);
  const fresh = `${folder}.${randomUUID()}`;
  await fs.mkdir(fresh, { recursive: true });
  await fs.writeFile(path.join(fresh, binary), entry.content, { mode: 0o755 });
  await fs.rm(folder, { recursive: true, force: true });
  await fs.rename(fresh, folder);
  await accept(file);
  await fs.writeFile(`${folder}.sha256`, createHash('sha256').update(entry.content).digest('hex'));
  await fs.writeFile(`${folder}.complete`, '');
  return file;
}
