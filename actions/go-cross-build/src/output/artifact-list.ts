import path from 'node:path';

/** One thing that the action made, as the JSON list names it. */
export interface Artifact {
  /** `download`: a program under a name of its own, where no archives are made. */
  type: 'binary' | 'archive' | 'download' | 'sbom' | 'checksums' | 'image';
  name: string;
  /** Absolute here, relative to the workspace in the list; absent for images. */
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
  download: 2,
  sbom: 3,
  checksums: 4,
  image: 5,
};

/** The same order on every machine, which localeCompare does not give. */
function byCodeUnits(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/**
 * The list as JSON, in an order that does not depend on which build was done first. Paths are relative
 * to the workspace, so that the list says the same in another job and on another machine.
 */
export function renderArtifacts(
  artifacts: readonly Artifact[],
  { workspace, version }: { workspace: string; version: string },
): string {
  const listed = artifacts.map(({ path: file, ...rest }) => {
    const place = file === undefined ? {} : { path: relativePath(workspace, file) };
    return Object.assign({ type: rest.type, name: rest.name, version }, place, rest);
  });
  const sorted = listed.sort(
    (a, b) =>
      rank[a.type] - rank[b.type] ||
      byCodeUnits(a.name, b.name) ||
      byCodeUnits(a.path ?? '', b.path ?? ''),
  );
  return `${JSON.stringify(sorted, undefined, 2)}\n`;
}

function relativePath(workspace: string, file: string): string {
  return path.relative(workspace, file).split(path.sep).join('/');
}

/** A file that an earlier run made. */
export interface ListedFile {
  version: string;
  path: string;
}

/** The files in such a list, with the version that they are of; nothing of what is not one. */
export function listedFiles(text: string): ListedFile[] {
  let entries: unknown;
  try {
    entries = JSON.parse(text);
  } catch {
    return [];
  }
  if (!Array.isArray(entries)) return [];
  return entries.flatMap((entry: Partial<Record<keyof ListedFile, unknown>> | null) =>
    typeof entry?.version === 'string' && typeof entry.path === 'string'
      ? [{ version: entry.version, path: entry.path }]
      : [],
  );
}
