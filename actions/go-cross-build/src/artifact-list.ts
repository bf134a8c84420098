/** One thing that the action made, as the JSON list names it. */
export interface Artifact {
  type: 'binary' | 'archive' | 'sbom' | 'checksums' | 'image';
  name: string;
  /** Absolute; absent for images. */
  path?: string;
  /** The program it belongs to. */
  program?: string;
  importPath?: string;
  target?: string;
  goos?: string;
  goarch?: string;
  goVariant?: string;
  cgo?: boolean;
  bytes?: number;
  sha256?: string;
  /** Images only. */
  digest?: string;
  tags?: readonly string[];
  platforms?: readonly string[];
  pulledBytes?: readonly number[];
}

const rank: Readonly<Record<Artifact['type'], number>> = {
  binary: 0,
  archive: 1,
  sbom: 2,
  checksums: 3,
  image: 4,
};

/** The same order on every machine, which localeCompare does not give. */
function byCodeUnits(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** The list as JSON, in an order that does not depend on which build was done first. */
export function renderArtifacts(artifacts: readonly Artifact[]): string {
  const sorted = [...artifacts].sort(
    (a, b) =>
      rank[a.type] - rank[b.type] ||
      byCodeUnits(a.name, b.name) ||
      byCodeUnits(a.path ?? '', b.path ?? ''),
  );
  return `${JSON.stringify(sorted, undefined, 2)}\n`;
}
