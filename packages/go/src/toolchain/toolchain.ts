import { createHash } from 'node:crypto';
import { ActionError, errorMessage } from '@slipway/runtime';
import { openToolchainCache, toolchainOnPath, type InstalledToolchain } from './cache.ts';
import { parseChecksumDatabase } from './checksum.ts';
import { SourceError } from './fetch.ts';
import { defaultDownloadBase, indexedVersions } from './release-index.ts';
import type { ToolchainPlatform } from './platform.ts';
import type { ToolchainPorts } from './ports.ts';
import { defaultGoProxy, parseGoProxy } from './proxy.ts';
import {
  ChecksumMismatchError,
  fillFromArchive,
  fillFromModuleProxy,
  proxyVersions,
  type Provenance,
} from './source.ts';
import {
  type VersionQuery,
  resolveVersion,
  type ResolvedVersion,
  compareGoVersions,
  parseGoVersion,
  releaseName,
  type GoVersion,
} from '../version/index.ts';

/** Where toolchains are looked for, in this order: PATH, tool cache, download site, GOPROXY. */
export interface ToolchainSources {
  /** The runner's tool cache, or any folder that may be laid out like it. */
  cacheFolder: string;
  platform: ToolchainPlatform;
  /** Whether programs for `platform` run here, so that a `go` in PATH will do. */
  isHostPlatform: boolean;
  /** The only download site allowed when given; else go.dev/dl with GOPROXY behind it. */
  downloadBase?: string;
}

/** A toolchain ready for use, and how it came here. */
export interface ReadyToolchain extends InstalledToolchain {
  how: 'path' | 'tool-cache' | 'download-site' | 'module-proxy';
  provenance?: Provenance;
}

const toolName = ({ downloadBase }: ToolchainSources): string =>
  downloadBase === undefined
    ? 'go'
    : `go-${createHash('sha256').update(downloadBase).digest('hex').slice(0, 8)}`;

const goProxies = (ports: ToolchainPorts, settings: Readonly<Record<string, string>>) =>
  parseGoProxy(ports.env['GOPROXY'] ?? settings['GOPROXY'] ?? defaultGoProxy);

async function published(
  ports: ToolchainPorts,
  sources: ToolchainSources,
  settings: Readonly<Record<string, string>>,
  all: boolean,
): Promise<GoVersion[]> {
  const { downloadBase, platform } = sources;
  try {
    return await indexedVersions(ports, downloadBase ?? defaultDownloadBase, platform, all);
  } catch (error) {
    ports.signal.throwIfAborted();
    if (downloadBase !== undefined) throw error;
    ports.log.debug(`go.dev/dl: ${errorMessage(error)}; asking GOPROXY instead`);
    const versions = await proxyVersions(
      ports,
      goProxies(ports, settings),
      platform,
      parseGoVersion,
    );
    if (versions.length > 0) return versions;
    throw new ActionError('Neither go.dev/dl nor GOPROXY tells which Go releases exist.', {
      next: 'name an exact version, or make one of the two reachable',
      cause: error,
    });
  }
}

/** Chooses the release for a query; see `resolveVersion`. `settings` are those of `go env -w`. */
export async function chooseVersion(
  ports: ToolchainPorts,
  sources: ToolchainSources,
  query: VersionQuery,
  options: { checkLatest: boolean; settings: Readonly<Record<string, string>> },
): Promise<ResolvedVersion> {
  const cache = openToolchainCache(sources.cacheFolder, toolName(sources), sources.platform);
  return resolveVersion(query, {
    installed: query.kind === 'range' ? (await cache.list()).map(({ version }) => version) : [],
    listPublished: () => published(ports, sources, options.settings, query.kind !== 'stable'),
    checkLatest: options.checkLatest,
  });
}

async function install(
  ports: ToolchainPorts,
  sources: ToolchainSources,
  version: GoVersion,
  folder: string,
  settings: Readonly<Record<string, string>>,
): Promise<Pick<ReadyToolchain, 'how' | 'provenance'>> {
  const { platform, downloadBase } = sources;
  const site = downloadBase ?? defaultDownloadBase;
  try {
    const provenance = await fillFromArchive(ports, site, version, platform, folder);
    return { how: 'download-site', provenance };
  } catch (error) {
    ports.signal.throwIfAborted();
    // What was tampered with is not fetched elsewhere in silence; a named site has no substitute.
    if (downloadBase !== undefined || error instanceof ChecksumMismatchError) throw error;
    const reason = error instanceof SourceError ? 'could not be asked' : errorMessage(error);
    ports.log.info(`${site} ${reason}; using GOPROXY`);
  }
  const database = parseChecksumDatabase(
    ports.env['GOSUMDB'] ?? settings['GOSUMDB'] ?? 'sum.golang.org',
  );
  if (database === undefined)
    throw new ActionError('GOSUMDB is off, so a toolchain from GOPROXY cannot be verified.', {
      next: 'unset GOSUMDB for this step, put the toolchain into the tool cache, or set go-download-base-url to a site with checksums',
    });
  const proxies = goProxies(ports, settings);
  if (proxies.length === 0)
    throw new ActionError('GOPROXY is off and no other source has the toolchain.', {
      next: 'set GOPROXY or go-download-base-url, or put the toolchain into the tool cache',
    });
  const provenance = await fillFromModuleProxy(ports, proxies, database, version, platform, folder);
  return { how: 'module-proxy', provenance };
}

/**
 * Makes sure that a release is on this machine, verified when it had to be fetched. A failed or
 * cancelled installation leaves nothing behind.
 */
export async function ensureToolchain(
  ports: ToolchainPorts,
  sources: ToolchainSources,
  version: GoVersion,
  settings: Readonly<Record<string, string>>,
): Promise<ReadyToolchain> {
  const cache = openToolchainCache(sources.cacheFolder, toolName(sources), sources.platform);
  const cached = await cache.find(version);
  if (cached !== undefined) return { ...cached, how: 'tool-cache' };
  if (sources.isHostPlatform && sources.downloadBase === undefined) {
    const onPath = await toolchainOnPath(ports.env, sources.platform);
    if (onPath !== undefined && compareGoVersions(onPath.version, version) === 0)
      return { ...onPath, how: 'path' };
  }
  ports.log.info(
    `Installing Go ${releaseName(version)} for ${sources.platform.os}/${sources.platform.arch}`,
  );
  let origin: Pick<ReadyToolchain, 'how' | 'provenance'> = { how: 'download-site' };
  const added = await cache.add(version, async (folder) => {
    origin = await install(ports, sources, version, folder, settings);
  });
  return { ...added, ...origin };
}
