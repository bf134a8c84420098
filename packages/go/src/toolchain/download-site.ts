import { authorizedFetch } from '@slipway/http';
import { ActionError, errorMessage } from '@slipway/runtime';
import { manifestVersions } from './asset-manifest.ts';
import { isForbidden, SourceError } from './fetch.ts';
import type { ToolchainPlatform } from './platform.ts';
import type { ToolchainPorts } from './ports.ts';
import { defaultDownloadBase, indexedVersions } from './release-index.ts';
import type { ToolchainSources } from './toolchain-sources.ts';
import { parseGoVersion, type GoVersion, type VersionQuery } from '../version/index.ts';

/** A site that Go is downloaded from. */
export interface DownloadSite {
  /** Without a slash at its end. */
  base: string;
  /** What it is asked with; a token of the user's goes to this site's own origin and to nobody else. */
  ports: ToolchainPorts;
}

/** Microsoft's links have no index, and what does not exist there leads to a search engine. */
const withoutIndex: readonly string[] = ['https://aka.ms/golang/release/latest'];

/** The site that toolchains come from: the one that is named, asked with its token, or Go's own. */
export function downloadSite(
  ports: ToolchainPorts,
  { downloadBase, downloadToken }: ToolchainSources,
): DownloadSite {
  const base = downloadBase ?? defaultDownloadBase;
  if (downloadBase === undefined || downloadToken === undefined || base.startsWith('file:'))
    return { base, ports };
  const { origin } = new URL(base);
  const fetch = authorizedFetch(ports.fetch, { origin, authorization: `token ${downloadToken}` });
  return { base, ports: { ...ports, fetch } };
}

/** Says what to do when a site does not let one in. */
export function refusedBySite(error: unknown, base: string): unknown {
  if (!(error instanceof SourceError) || (error.status !== 401 && error.status !== 403))
    return error;
  return new ActionError(`${error.message}.`, {
    title: 'Download refused',
    next: `give a token that may read ${new URL(base).host} as the input token, or user and password in go-download-base-url`,
    cause: error,
  });
}

/** `1.24`, of which a site that tells nothing has the release without a patch number. */
function plainMinor(query: VersionQuery): GoVersion | undefined {
  return query.kind === 'range' && /^1\.\d+$/.test(query.text)
    ? parseGoVersion(query.text)
    : undefined;
}

/**
 * The releases that a site has for a platform, as far as a query may mean them: by its index, else by Microsoft's
 * manifests. A site that tells neither, as one that copies Go's archives alone, is taken to have `1.24` of
 * itself; other ranges are refused there with an ActionError.
 */
export async function siteVersions(
  { base, ports }: DownloadSite,
  platform: ToolchainPlatform,
  query: VersionQuery,
): Promise<GoVersion[]> {
  let indexError: unknown;
  if (!withoutIndex.includes(base.toLowerCase())) {
    try {
      return await indexedVersions(ports, base, platform, query.kind !== 'stable');
    } catch (error) {
      ports.signal.throwIfAborted();
      if (base === defaultDownloadBase || (isUnreachable(error) && !isForbidden(error)))
        throw refusedBySite(error, base);
      indexError = error;
      ports.log.debug(errorMessage(error));
    }
  }
  const versions = await manifestVersions(ports, base, platform, query).catch((error: unknown) => {
    ports.signal.throwIfAborted();
    if (isForbidden(error)) return [];
    throw refusedBySite(error, base);
  });
  if (versions.length > 0) return versions;
  const plain = plainMinor(query);
  if (plain !== undefined) return [plain];
  if (isForbidden(indexError)) throw refusedBySite(indexError, base);
  throw new ActionError(
    `${base} does not tell which Go releases it has, so ${query.text} cannot be looked up there.`,
    {
      next: 'name an exact version such as 1.26.8, or serve the JSON index of go.dev/dl there',
      cause: indexError,
    },
  );
}

/** A site that answers at all may have manifests; one that does not has nothing. */
function isUnreachable(error: unknown): boolean {
  return error instanceof SourceError && (error.status === undefined || error.status < 404);
}
