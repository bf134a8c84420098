import type { Artifact } from './artifact.ts';

/** What goreleaser calls the types (goreleaser.com/customization/artifacts). */
const typeNames: Readonly<Record<Artifact['type'], string>> = {
  binary: 'Binary',
  archive: 'Archive',
  download: 'Binary',
  sbom: 'SBOM',
  checksums: 'Checksum',
  metadata: 'Metadata',
  image: 'Docker Image',
};

/** As goreleaser's lists have it: `linux_amd64_v1`. */
function goreleaserTarget({ goos, goarch, levels = {} }: Artifact): string | undefined {
  return goos === undefined
    ? undefined
    : [goos, goarch, ...Object.values(levels)].filter(Boolean).join('_');
}

/** What tells more than goreleaser's own fields; its keys where it has one, ours where not. */
function extraOf(artifact: Artifact): Record<string, unknown> {
  const { type, program, sha256, ending } = artifact;
  return {
    ID: program,
    Binary: type === 'binary' || type === 'download' ? program : undefined,
    Binaries: type === 'archive' && program !== undefined ? [program] : undefined,
    Ext: ending,
    Format: artifact.format ?? (type === 'download' ? 'binary' : undefined),
    Checksum: sha256 === undefined ? undefined : `sha256:${sha256}`,
    Size: artifact.bytes,
    Digest: artifact.digest,
    ImportPath: artifact.importPath,
    Cgo: artifact.cgo,
    Tags: artifact.tags,
    Platforms: artifact.platforms,
    PulledBytes: artifact.pulledBytes,
  };
}

/**
 * An artifact in the shape of goreleaser's `artifacts.json`, so that what reads one reads the other. `path`
 * is the one that the list shows; `version`, which goreleaser has none of, tells runs apart.
 */
export function listedArtifact(
  artifact: Artifact,
  { path, version }: { path: string | undefined; version: string },
): Record<string, unknown> {
  const { name, goos, goarch, levels, type } = artifact;
  return {
    name,
    path,
    version,
    goos,
    goarch,
    ...levels,
    target: goreleaserTarget(artifact),
    type: typeNames[type],
    extra: extraOf(artifact),
  };
}
