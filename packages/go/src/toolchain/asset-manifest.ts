import { intersects, minVersion } from 'semver';
import { readAddress } from './fetch.ts';
import type { ToolchainPlatform } from './platform.ts';
import type { ToolchainPorts } from './ports.ts';
import { parseGoVersion, type GoVersion, type VersionQuery } from '../version/index.ts';

/** Minor versions that are asked for at a time when nobody knows which is the newest. */
const step = 8;
/** Microsoft's first builds that are found this way; the search for the newest begins here. */
const firstMinor = 20;
const lastMinor = 400;

/** A manifest of one build (github.com/microsoft/go-infra, buildmodel/buildassets), as far as it is of use here. */
interface AssetManifest {
  /** `1.25.9-1`. */
  version?: unknown;
  /** One for each archive: an `AssetArchive`. */
  arches?: unknown;
}

/** An archive; that of the sources has no `env`. */
interface AssetArchive {
  env?: { GOOS?: string; GOARCH?: string } | null;
}

function parsed(text: string): AssetManifest | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    // A link that does not exist leads to a search engine's page.
    return undefined;
  }
}

/** The newest build of Go 1.MINOR; undefined when the site has none for the platform. */
async function newestBuild(
  ports: ToolchainPorts,
  base: string,
  platform: ToolchainPlatform,
  minor: number,
): Promise<GoVersion | undefined> {
  const body = await readAddress(ports, `${base}/go1.${minor}.assets.json`);
  const manifest = body && parsed(body.toString());
  if (typeof manifest?.version !== 'string' || !Array.isArray(manifest.arches)) return undefined;
  const isBuilt = (manifest.arches as readonly AssetArchive[]).some(
    ({ env }) => env?.GOOS === platform.os && env.GOARCH === platform.arch,
  );
  return isBuilt ? parseGoVersion(manifest.version) : undefined;
}

/** The minor versions of Go 1 that a query allows, from the lowest on. */
function allowedMinors(query: VersionQuery): { first: number; allows: (minor: number) => boolean } {
  if (query.kind === 'stable') return { first: firstMinor, allows: () => true };
  if (query.kind === 'exact') {
    const { minor } = query.version;
    return { first: minor, allows: (each) => each === minor };
  }
  const lowest = minVersion(query.range)?.minor ?? 0;
  return {
    first: query.range === '*' ? firstMinor : lowest,
    allows: (minor) => intersects(query.range, `1.${minor}.x`),
  };
}

/**
 * The newest builds of the minor versions that a query allows, at a site that has no index but one manifest for
 * each (`go1.25.assets.json`), as Microsoft's has: none when there is no such manifest.
 */
export async function manifestVersions(
  ports: ToolchainPorts,
  base: string,
  platform: ToolchainPlatform,
  query: VersionQuery,
): Promise<GoVersion[]> {
  const { first, allows } = allowedMinors(query);
  const found: GoVersion[] = [];
  for (let from = first; from < lastMinor; from += step) {
    const minors = Array.from({ length: step }, (_, index) => from + index).filter(allows);
    const builds = await Promise.all(
      minors.map((minor) => newestBuild(ports, base, platform, minor)),
    );
    found.push(...builds.filter((version) => version !== undefined));
    if (builds.length < step || builds.at(-1) === undefined) break;
  }
  return found;
}
