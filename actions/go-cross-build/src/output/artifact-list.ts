import path from 'node:path';
import type { Artifact } from './artifact.ts';
import { listedArtifact } from './listed-artifact.ts';

const rank: Readonly<Record<Artifact['type'], number>> = {
  binary: 0,
  archive: 1,
  download: 2,
  sbom: 3,
  checksums: 4,
  metadata: 5,
  image: 6,
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
  const placed = artifacts.map((artifact) => ({
    artifact,
    path: artifact.path === undefined ? undefined : relativePath(workspace, artifact.path),
  }));
  const sorted = placed.sort(
    (a, b) =>
      rank[a.artifact.type] - rank[b.artifact.type] ||
      byCodeUnits(a.artifact.name, b.artifact.name) ||
      byCodeUnits(a.path ?? '', b.path ?? ''),
  );
  const listed = sorted.map(({ artifact, path: place }) =>
    listedArtifact(artifact, { path: place, version }),
  );
  return `${JSON.stringify(listed, undefined, 2)}\n`;
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
