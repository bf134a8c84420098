import { ActionError, errorMessage, InputError } from '@slipway/runtime';
import { parseChecksumDatabase } from './checksum.ts';
import { downloadSite, refusedBySite } from './download-site.ts';
import { SourceError, splitCredentials } from './fetch.ts';
import { goSetting } from './go-env.ts';
import type { ToolchainPorts } from './ports.ts';
import { proxiesOf } from './proxy.ts';
import { UnlistedError } from './release-index.ts';
import {
  ChecksumMismatchError,
  fillFromArchive,
  fillFromModuleProxy,
  type Provenance,
} from './source.ts';
import type { ToolchainSources } from './toolchain-sources.ts';
import { nearestReleases, releaseName, type GoVersion } from '../version/index.ts';

/** Where a toolchain was fetched from. */
export interface Installation {
  how: 'download-site' | 'module-proxy';
  provenance: Provenance;
}

async function installFromProxy(
  ports: ToolchainPorts,
  sources: ToolchainSources,
  version: GoVersion,
  folder: string,
  settings: Readonly<Record<string, string>>,
): Promise<Provenance> {
  const database = parseChecksumDatabase(
    goSetting(ports.env, settings, 'GOSUMDB') ?? 'sum.golang.org',
  );
  if (database === undefined)
    throw new ActionError('GOSUMDB is off, so a toolchain from GOPROXY cannot be verified.', {
      next: 'unset GOSUMDB for this step, put the toolchain into the tool cache, or set go-download-base-url to a site with checksums',
    });
  const proxies = proxiesOf(ports.env, settings);
  if (proxies.length === 0)
    throw new ActionError('GOPROXY is off and no other source has the toolchain.', {
      next: 'set GOPROXY or go-download-base-url, or put the toolchain into the tool cache',
    });
  return fillFromModuleProxy(ports, proxies, database, version, sources.platform, folder);
}

/** Says which releases there are instead, when all that could be asked had an answer. */
function missingRelease(
  version: GoVersion,
  { platform, downloadBase }: ToolchainSources,
  error: UnlistedError,
): InputError {
  const text = releaseName(version);
  const where = downloadBase === undefined ? '' : ` at ${splitCredentials(downloadBase).shown}`;
  return new InputError(
    `There is no Go ${text} for ${platform.os}/${platform.arch}${where}. ${nearestReleases({ kind: 'exact', version, text }, error.known)}`,
    { cause: error },
  );
}

/** Neither source could be asked. */
const outOfReach = (version: GoVersion, site: string, error: SourceError): ActionError =>
  new ActionError(
    `Go ${releaseName(version)} can be had neither from ${site} nor from GOPROXY: ${error.message}.`,
    {
      title: 'Toolchain out of reach',
      next: 'let this machine reach one of them (HTTPS_PROXY, NO_PROXY), name a proxy or a site of your own (GOPROXY, go-download-base-url), or put the toolchain into the tool cache',
      cause: error,
    },
  );

/**
 * Fills `folder` with a release: from the download site, else, where that is Go's own, from GOPROXY. Throws InputError
 * when there is no such release.
 */
export async function install(
  ports: ToolchainPorts,
  sources: ToolchainSources,
  version: GoVersion,
  folder: string,
  settings: Readonly<Record<string, string>>,
): Promise<Installation> {
  const site = downloadSite(ports, sources);
  let siteError: unknown;
  try {
    const provenance = await fillFromArchive(site, version, sources.platform, folder);
    return { how: 'download-site', provenance };
  } catch (error) {
    ports.signal.throwIfAborted();
    siteError = error;
  }
  const unlisted = siteError instanceof UnlistedError ? siteError : undefined;
  // What was tampered with is not fetched elsewhere in silence; a named site has no substitute.
  if (siteError instanceof ChecksumMismatchError) throw siteError;
  if (sources.downloadBase !== undefined)
    throw unlisted === undefined
      ? refusedBySite(siteError, site.base)
      : missingRelease(version, sources, unlisted);
  const reason = siteError instanceof SourceError ? 'could not be asked' : errorMessage(siteError);
  ports.log.info(`${site.base}: ${reason}; using GOPROXY`);
  try {
    const provenance = await installFromProxy(ports, sources, version, folder, settings);
    return { how: 'module-proxy', provenance };
  } catch (error) {
    ports.signal.throwIfAborted();
    const last = error instanceof UnlistedError ? error : undefined;
    // What Go's own index does not list does not exist, whatever ails the proxy.
    if (unlisted !== undefined) throw missingRelease(version, sources, unlisted);
    if (last !== undefined) throw missingRelease(version, sources, last);
    throw error instanceof SourceError ? outOfReach(version, site.base, error) : error;
  }
}
