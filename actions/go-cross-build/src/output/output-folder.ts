import * as fs from 'node:fs/promises';
import path from 'node:path';
import {
  fileVersion,
  publishTogether,
  renderChecksums,
  sha256File,
  writeAtomically,
} from '@slipway/artifact';
import { ActionError, confineReal, InputError } from '@slipway/runtime';
import type { Artifact } from './artifact.ts';
import { listedFiles, renderArtifacts } from './artifact-list.ts';
import type { RunRecord } from './records.ts';

/** Where files are made, and where they are left. */
export interface OutputPlace {
  stageDir: string;
  outputDir: string;
  workspace: string;
  version: string;
}

const listName = 'artifacts.json';
/** Every run writes its own. */
const ofEveryRun = ['checksums.txt', 'metadata.json', 'rebuild.json'];
const maxNamed = 5;

/** Throws InputError when files cannot be left in the folder. */
async function checkFolder(outputDir: string): Promise<void> {
  for (let at = outputDir; ; at = path.dirname(at)) {
    const found = await fs.stat(at).catch(() => undefined);
    if (found?.isDirectory() === true || at === path.dirname(at)) return;
    if (found !== undefined)
      throw new InputError(`output-dir: ${at} is a file, so nothing can be left in it.`, {
        next: 'Give the name of a folder, or of one that is not there yet.',
      });
  }
}

/**
 * Files of another version that an earlier run left in the folder and this one does not replace
 * (`made`, absolute). Only what stands in that run's own list is looked at. Throws InputError when the
 * folder is a file, and, unless they are to be removed (`clean`), for such files.
 */
export async function filesOfOtherVersions(
  { outputDir, workspace, version }: OutputPlace,
  { made, clean }: { made: ReadonlySet<string>; clean: boolean },
): Promise<readonly string[]> {
  await checkFolder(outputDir);
  const text = await fs.readFile(path.join(outputDir, listName), 'utf8').catch(() => '');
  const others: string[] = [];
  for (const listed of listedFiles(text)) {
    if (fileVersion(listed.version) === fileVersion(version)) continue;
    const file = confineReal(outputDir, path.resolve(workspace, listed.path));
    if (file === undefined || made.has(file) || ofEveryRun.includes(path.basename(file))) continue;
    if ((await fs.stat(file).catch(() => undefined))?.isFile() === true) others.push(file);
  }
  if (others.length > 0 && !clean) {
    const names = others.slice(0, maxNamed).map((file) => path.relative(outputDir, file));
    const more = others.length > maxNamed ? ` and ${others.length - maxNamed} more` : '';
    throw new InputError(
      `output-dir holds files of another version, which would be taken for ones of ${version}: ${names.join(', ')}${more}.`,
      { next: 'Set clean: true to have them removed, or give another output-dir.' },
    );
  }
  return others;
}

/** Removes files, and their folders when these are empty then. */
export async function removeFiles(files: readonly string[]): Promise<void> {
  for (const file of files) {
    await fs.rm(file, { force: true });
    await fs.rmdir(path.dirname(file)).catch(() => undefined);
  }
}

/** Sums of what people download: archives, or the programs where none are made; and the SBOMs. */
async function stageChecksums(
  { stageDir, outputDir }: OutputPlace,
  artifacts: readonly Artifact[],
): Promise<Artifact & { path: string }> {
  const summed = artifacts.filter(({ type }) => type !== 'binary');
  const sums = summed.flatMap(({ path: at, sha256 }) => {
    if (at === undefined || sha256 === undefined) return [];
    return [{ name: path.relative(outputDir, at).split(path.sep).join('/'), sha256 }];
  });
  const name = 'checksums.txt';
  const staged = path.join(stageDir, name);
  await fs.writeFile(staged, renderChecksums(sums));
  const sha256 = await sha256File(staged);
  return { type: 'checksums', name, path: path.join(outputDir, name), sha256 };
}

/** What was left in the output folder. */
export interface Published {
  artifacts: readonly Artifact[];
  artifactsFile: string;
  checksumsFile: string;
}

/**
 * Moves what is complete into the output folder with its checksums, records and list, all of it or nothing,
 * when no build is left that it could make dirty.
 */
export async function publish(
  place: OutputPlace,
  files: readonly Artifact[],
  records: readonly RunRecord[],
): Promise<Published> {
  const { stageDir, outputDir } = place;
  const checksums = await stageChecksums(place, files);
  const artifacts = [...files, checksums];
  for (const { name, text } of records) {
    await fs.writeFile(path.join(stageDir, name), text);
    artifacts.push({ type: 'metadata', name, path: path.join(outputDir, name) });
  }
  await fs.writeFile(path.join(stageDir, listName), renderArtifacts(artifacts, place));
  const artifactsFile = path.join(outputDir, listName);
  const targets = [...artifacts.flatMap(({ path: file }) => file ?? []), artifactsFile];
  await publishTogether(
    targets.map((to) => ({ from: path.join(stageDir, path.relative(outputDir, to)), to })),
  );
  return { artifacts, artifactsFile, checksumsFile: checksums.path };
}

/** Writes the list anew, with the images that were pushed. */
export async function listAgain(place: OutputPlace, artifacts: readonly Artifact[]): Promise<void> {
  await writeAtomically(path.join(place.outputDir, listName), renderArtifacts(artifacts, place));
}

/** A full disk in words; any other error as it is. */
export function asDiskFull(error: unknown): unknown {
  const { code } = (error ?? {}) as NodeJS.ErrnoException;
  if (code !== 'ENOSPC' && code !== 'EDQUOT') return error;
  return new ActionError('The disk is full.', {
    cause: error,
    next: 'Build fewer targets in one job, or free space before this step.',
  });
}
