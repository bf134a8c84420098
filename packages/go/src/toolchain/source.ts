import * as fs from 'node:fs/promises';
import path from 'node:path';
import { ActionError, formatSize } from '@slipway/runtime';
import { provenChecksum, type ChecksumDatabase } from './checksum.ts';
import { download } from './download.ts';
import type { DownloadSite } from './download-site.ts';
import { readAddress, splitCredentials } from './fetch.ts';
import { indexedArchive, UnlistedError } from './release-index.ts';
import type { ToolchainPlatform } from './platform.ts';
import type { ToolchainPorts } from './ports.ts';
import { readFromProxies, type ModuleProxy } from './proxy.ts';
import { unpackModuleZip } from './module-zip.ts';
import { parseGoVersion, releaseName, type GoVersion } from '../version/index.ts';

const modulePath = 'golang.org/toolchain';

/** How a toolchain came to be trusted, for the log and the summary. */
export interface Provenance {
  /** Host and path, without credentials. */
  from: string;
  /** For example `SHA-256 from the index of go.dev/dl`. */
  proof: string;
  bytes: number;
}

/** A toolchain's archive was not what its checksum says. Nothing of it is kept. */
export class ChecksumMismatchError extends ActionError {}

function mismatch(what: string, expected: string, actual: string): ChecksumMismatchError {
  return new ChecksumMismatchError(
    `${what} does not have its checksum: expected ${expected}, got ${actual}. Nothing was installed.`,
    {
      title: 'Toolchain refused',
      next: 'the download was damaged or tampered with: try again, and if it stays look into the mirror or proxy',
    },
  );
}

/** Fills `folder` from an archive of a download site, checked against the site's index first. */
export async function fillFromArchive(
  { base, ports }: DownloadSite,
  version: GoVersion,
  platform: ToolchainPlatform,
  folder: string,
): Promise<Provenance> {
  const archive = await indexedArchive(ports, base, version, platform);
  const shown = splitCredentials(archive.url).shown;
  ports.log.info(`Downloading ${shown}`);
  const file = path.join(folder, '..', path.basename(new URL(archive.url).pathname));
  const { bytes, sha256 } = await download(ports, archive.url, file);
  if (sha256 !== archive.sha256) throw mismatch(shown, archive.sha256, sha256);
  // bsdtar, which Windows has as tar.exe, unpacks zip files too.
  const tar =
    platform.os === 'windows'
      ? path.join(ports.env['SystemRoot'] ?? 'C:\\Windows', 'System32', 'tar.exe')
      : 'tar';
  await ports.exec(tar, ['-x', '-f', file, '-C', folder, '--strip-components', '1'], {
    signal: ports.signal,
  });
  await fs.rm(file);
  return { from: shown, proof: 'SHA-256 from its index', bytes };
}

/** The module version under which a toolchain is published (go.dev/ref/mod#toolchain-directive). */
export const toolchainModuleVersion = (version: GoVersion, platform: ToolchainPlatform): string =>
  `v0.0.1-go${releaseName(version)}.${platform.os}-${platform.arch}`;

/**
 * Reads the checksum database through the first proxy that passes it on, else directly
 * (go.dev/ref/mod#checksum-database).
 */
async function databaseReader(
  ports: ToolchainPorts,
  proxies: readonly ModuleProxy[],
  database: ChecksumDatabase,
): Promise<(file: string) => Promise<Buffer | undefined>> {
  for (const { base } of proxies) {
    const root = `${base}/sumdb/${database.name}`;
    const supported = await readAddress(ports, `${root}/supported`, { timeoutMs: 10_000 }).catch(
      () => undefined,
    );
    ports.signal.throwIfAborted();
    if (supported !== undefined) return (file) => readAddress(ports, `${root}/${file}`);
  }
  return (file) => readAddress(ports, `${database.url}/${file}`);
}

/**
 * Fills `folder` from the module golang.org/toolchain of a GOPROXY. The checksum that the database
 * vouches for is compared with that of the files just unpacked; no Go is needed for it.
 */
export async function fillFromModuleProxy(
  ports: ToolchainPorts,
  proxies: readonly ModuleProxy[],
  database: ChecksumDatabase,
  version: GoVersion,
  platform: ToolchainPlatform,
  folder: string,
): Promise<Provenance> {
  const moduleVersion = toolchainModuleVersion(version, platform);
  const info = await readFromProxies(ports, proxies, `${modulePath}/@v/${moduleVersion}.info`);
  if (info === undefined) {
    const known = await proxyVersions(ports, proxies, platform).catch(() => []);
    ports.signal.throwIfAborted();
    throw new UnlistedError(
      `GOPROXY has no Go ${releaseName(version)} for ${platform.os}/${platform.arch} (${modulePath}@${moduleVersion}).`,
      known,
    );
  }
  const address = `${info.proxy.base}/${modulePath}/@v/${moduleVersion}.zip`;
  const shown = splitCredentials(address).shown;
  ports.log.info(`Downloading ${shown}`);
  const stop = new AbortController();
  const both = { ...ports, signal: AbortSignal.any([ports.signal, stop.signal]) };
  const proven = databaseReader(both, proxies, database).then((read) =>
    provenChecksum(database, modulePath, moduleVersion, read),
  );
  // Without a proof the download is in vain.
  proven.catch((error: unknown) => stop.abort(error));
  const file = path.join(folder, '..', 'toolchain.zip');
  const { bytes } = await download(both, address, file);
  ports.log.info(`Unpacking ${formatSize(bytes)}`);
  const zip = { file, name: shown, prefix: `${modulePath}@${moduleVersion}/` };
  const actual = await unpackModuleZip(zip, folder, both.signal).catch((error: unknown) => {
    ports.signal.throwIfAborted();
    if (stop.signal.aborted) throw stop.signal.reason;
    throw new ActionError(`${shown} is not a toolchain: it cannot be unpacked.`, {
      title: 'Toolchain refused',
      cause: error,
    });
  });
  const expected = await proven;
  if (actual !== expected) throw mismatch(shown, expected, actual);
  await fs.rm(file);
  return { from: shown, proof: `${actual} proven by ${database.name}`, bytes };
}

/** The releases that a GOPROXY lists for a platform. */
export async function proxyVersions(
  ports: ToolchainPorts,
  proxies: readonly ModuleProxy[],
  platform: ToolchainPlatform,
): Promise<GoVersion[]> {
  const list = await readFromProxies(ports, proxies, `${modulePath}/@v/list`);
  const suffix = `.${platform.os}-${platform.arch}`;
  return (list?.body.toString() ?? '')
    .split('\n')
    .filter((line) => line.startsWith('v0.0.1-go') && line.endsWith(suffix))
    .map((line) => parseGoVersion(line.slice('v0.0.1-go'.length, -suffix.length)))
    .filter((version) => version !== undefined);
}
