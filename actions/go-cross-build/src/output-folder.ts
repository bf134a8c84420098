import path from 'node:path';
import { moveAtomically, renderChecksums, sha256File, writeAtomically } from '@slipway/artifact';
import type { Artifact } from './artifact-list.ts';

/** Moves what is complete into the output folder, when no build is left that it could make dirty. */
export async function publish(
  stageDir: string,
  outputDir: string,
  artifacts: readonly Artifact[],
): Promise<void> {
  for (const { path: file } of artifacts)
    if (file !== undefined)
      await moveAtomically(path.join(stageDir, path.relative(outputDir, file)), file);
}

/** Sums of what people download: archives, or the programs where none are made; and the SBOMs. */
export async function writeChecksums(
  outputDir: string,
  artifacts: readonly Artifact[],
  archived: boolean,
): Promise<Artifact & { path: string }> {
  const file = path.join(outputDir, 'checksums.txt');
  const summed = artifacts.filter(
    ({ type }) => type === (archived ? 'archive' : 'binary') || type === 'sbom',
  );
  const sums = summed.flatMap(({ path: at, sha256 }) => {
    if (at === undefined || sha256 === undefined) return [];
    return [{ name: path.relative(outputDir, at).split(path.sep).join('/'), sha256 }];
  });
  await writeAtomically(file, renderChecksums(sums));
  return {
    type: 'checksums',
    name: path.basename(file),
    path: file,
    sha256: await sha256File(file),
  };
}
