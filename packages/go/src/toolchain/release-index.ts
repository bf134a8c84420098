import { ActionError } from '@slipway/runtime';
import { isForbidden, readAddress } from './fetch.ts';
import type { ToolchainPlatform } from './platform.ts';
import type { ToolchainPorts } from './ports.ts';
import { parseGoVersion, releaseName, type GoVersion } from '../version/index.ts';

/** Where Go's own downloads are. */
export const defaultDownloadBase = 'https://go.dev/dl';

/** One archive of a download site, with the checksum that its index gives. */
export interface IndexedArchive {
  url: string;
  sha256: string;
}

/** A site has an index, and a release is not in it. */
export class UnlistedError extends ActionError {
  /** What is in it for the platform. */
  readonly known: readonly GoVersion[];

  constructor(message: string, known: readonly GoVersion[]) {
    super(message);
    this.name = 'UnlistedError';
    this.known = known;
  }
}

interface IndexFile {
  filename: string;
  os: string;
  arch: string;
  kind: string;
  sha256: string;
}

interface IndexRelease {
  version: GoVersion;
  files: IndexFile[];
}

function readIndex(text: string, from: string): IndexRelease[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    throw new ActionError(`The index at ${from} is not JSON.`, { cause: error });
  }
  if (!Array.isArray(parsed)) throw new ActionError(`The index at ${from} is not a list.`);
  return parsed.flatMap((item: { version?: unknown; files?: unknown }) => {
    const version = typeof item.version === 'string' ? parseGoVersion(item.version) : undefined;
    if (version === undefined || !Array.isArray(item.files)) return [];
    return [{ version, files: item.files as IndexFile[] }];
  });
}

/** The releases of a download site's JSON index. `all` asks for old ones too. Throws when it has none. */
async function fetchIndex(
  ports: ToolchainPorts,
  base: string,
  all: boolean,
): Promise<IndexRelease[]> {
  const address = `${base}/?mode=json${all ? '&include=all' : ''}`;
  const body = await readAddress(ports, address, { timeoutMs: 10_000 });
  if (body === undefined) throw new ActionError(`There is no index at ${address}.`);
  return readIndex(body.toString(), address);
}

/** Which releases a download site has for a platform. */
export async function indexedVersions(
  ports: ToolchainPorts,
  base: string,
  platform: ToolchainPlatform,
  all: boolean,
): Promise<GoVersion[]> {
  return versionsFor(platform, await fetchIndex(ports, base, all));
}

function versionsFor(platform: ToolchainPlatform, releases: readonly IndexRelease[]): GoVersion[] {
  return releases
    .filter(({ files }) =>
      files.some(({ os, arch }) => os === platform.os && arch === platform.archiveArch),
    )
    .map(({ version }) => version);
}

const isSum = (text: unknown): text is string =>
  typeof text === 'string' && /^[0-9a-f]{64}$/.test(text);

/** What an index says an archive must be. */
function sumOf(releases: readonly IndexRelease[], filename: string): string | undefined {
  return releases
    .flatMap(({ files }) => files)
    .find((file) => file.filename === filename && isSum(file.sha256))?.sha256;
}

/**
 * The archive of a release at a download site and its checksum, from the site's index or else from
 * the `.sha256` file beside it, or Go's own index. Throws ActionError when nobody knows it: nothing is installed
 * unverified.
 */
export async function indexedArchive(
  ports: ToolchainPorts,
  base: string,
  version: GoVersion,
  platform: ToolchainPlatform,
): Promise<IndexedArchive> {
  const name = releaseName(version);
  const extension = platform.os === 'windows' ? 'zip' : 'tar.gz';
  const filename = `go${name}.${platform.os}-${platform.archiveArch}.${extension}`;
  const url = `${base}/${filename}`;
  let indexError: unknown;
  try {
    const releases = await fetchIndex(ports, base, true);
    const sha256 = sumOf(releases, filename);
    if (sha256 !== undefined) return { url, sha256 };
    const known = versionsFor(platform, releases);
    indexError = new UnlistedError(`The index at ${base} does not list ${filename}.`, known);
  } catch (error) {
    ports.signal.throwIfAborted();
    indexError = error;
  }
  if (base === defaultDownloadBase) throw indexError;
  const sidecar = await readAddress(ports, `${url}.sha256`).catch((error: unknown) => {
    if (!isForbidden(error)) throw error;
    return error;
  });
  const text = Buffer.isBuffer(sidecar) ? sidecar.toString() : '';
  const sum = text.trim().split(/\s/)[0]?.toLowerCase();
  if (isSum(sum)) return { url, sha256: sum };
  if (indexError instanceof UnlistedError) throw indexError;
  // A site that copies Go's archives and nothing else: Go's own index knows what they must be.
  const own = await fetchIndex(ports, defaultDownloadBase, true).catch(() => []);
  ports.signal.throwIfAborted();
  const vouched = sumOf(own, filename);
  if (vouched !== undefined) return { url, sha256: vouched };
  if (isForbidden(sidecar)) throw sidecar;
  throw new ActionError(`${base} gives no checksum for ${filename}.`, {
    title: 'Toolchain without checksum',
    next: `is there such a release? Serve the JSON index of go.dev/dl there, or a file ${filename}.sha256, or leave go-download-base-url out and set GOPROXY`,
    cause: indexError,
  });
}
