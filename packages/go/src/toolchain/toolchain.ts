import { ActionError, errorMessage } from '@slipway/runtime';
import {
  openToolchainCache,
  toolchainOnPath,
  type InstalledToolchain,
  type ToolchainCache,
} from './cache.ts';
import { downloadSite, siteVersions } from './download-site.ts';
import { install, type Installation } from './installation.ts';
import type { ToolchainPorts } from './ports.ts';
import { proxiesOf } from './proxy.ts';
import { proxyVersions } from './source.ts';
import { toolName, type ToolchainSources } from './toolchain-sources.ts';
import {
  compareGoVersions,
  releaseName,
  resolveVersion,
  type GoVersion,
  type ResolvedVersion,
  type VersionQuery,
} from '../version/index.ts';

/** A toolchain ready for use, and how it came here. */
export interface ReadyToolchain extends InstalledToolchain {
  how: 'path' | 'tool-cache' | Installation['how'];
  provenance?: Installation['provenance'];
}

const cacheOf = (ports: ToolchainPorts, sources: ToolchainSources): ToolchainCache =>
  openToolchainCache(
    { folder: sources.cacheFolder, tool: toolName(sources), platform: sources.platform },
    ports,
  );

async function published(
  ports: ToolchainPorts,
  sources: ToolchainSources,
  settings: Readonly<Record<string, string>>,
  query: VersionQuery,
): Promise<GoVersion[]> {
  const { downloadBase, platform } = sources;
  try {
    return await siteVersions(downloadSite(ports, sources), platform, query);
  } catch (error) {
    ports.signal.throwIfAborted();
    if (downloadBase !== undefined) throw error;
    ports.log.debug(`go.dev/dl: ${errorMessage(error)}; asking GOPROXY instead`);
    const proxies = proxiesOf(ports.env, settings);
    const versions = await proxyVersions(ports, proxies, platform).catch((cause: unknown) => {
      ports.signal.throwIfAborted();
      throw unknownReleases(cause);
    });
    if (versions.length > 0) return versions;
    throw unknownReleases(error);
  }
}

const unknownReleases = (cause: unknown): ActionError =>
  new ActionError('Neither go.dev/dl nor GOPROXY tells which Go releases exist.', {
    next: 'name an exact version, or make one of the two reachable (HTTPS_PROXY, GOPROXY)',
    cause,
  });

/** Chooses the release for a query; see `resolveVersion`. `settings` are those of `go env -w`. */
export async function chooseVersion(
  ports: ToolchainPorts,
  sources: ToolchainSources,
  query: VersionQuery,
  options: { checkLatest: boolean; settings: Readonly<Record<string, string>> },
): Promise<ResolvedVersion> {
  const cache = cacheOf(ports, sources);
  return resolveVersion(query, {
    installed: query.kind === 'range' ? (await cache.list()).map(({ version }) => version) : [],
    listPublished: () => published(ports, sources, options.settings, query),
    checkLatest: options.checkLatest,
  });
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
  const cache = cacheOf(ports, sources);
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
