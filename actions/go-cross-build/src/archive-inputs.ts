import { checkArtifactName, usualArtifactName, type FilePlacement } from '@slipway/artifact';
import { quoted, type InputReader } from '@slipway/runtime';
import { archiveFormats, usualFormats, type ArchiveFormats } from './output/archive-formats.ts';
import type { Universal } from './output/universal.ts';

/** What archives are called and hold. */
export interface ArchiveInputs {
  archive: boolean;
  /** With placeholders. */
  archiveName: string;
  archiveFormat: ArchiveFormats;
  archiveFiles: readonly FilePlacement[];
  /** Whether macOS programs are made for both processors in one; `only`: without those for one. */
  universal: Universal;
  /** Whether `universal` is said of a service, of which this job may have one target alone. */
  isUniversalSetting?: boolean;
}

/** `glob`, or `glob=place`. */
export function readPlacement(line: string): FilePlacement {
  const at = line.indexOf('=');
  if (at < 0) return { glob: line, place: undefined };
  return { glob: line.slice(0, at).trim(), place: line.slice(at + 1).trim() };
}

/** Why files cannot be placed so, in an archive or an image; undefined when they can. */
export function misplaced({ glob, place }: FilePlacement): string | undefined {
  if (glob === '') return 'has no file in front of the "="';
  if (glob.startsWith('!')) return 'takes files out, for which there is nothing here';
  if (place === undefined) return undefined;
  if (place === '') return 'has no place behind the "="';
  const parts = place.replace(/\/$/, '').split('/');
  const isPlain = parts.every((part) => part !== '' && part !== '.' && part !== '..');
  return isPlain && !/[\\\p{C}]/u.test(place) ? undefined : 'has a place that is no plain path';
}

function readFormats(read: InputReader): ArchiveFormats {
  const formats = { ...usualFormats };
  for (const line of read.list('archive-format')) {
    const at = line.indexOf('=');
    const [system, text] =
      at < 0 ? ['', line] : [line.slice(0, at).trim(), line.slice(at + 1).trim()];
    const format = archiveFormats.find((known) => known === text);
    if (format === undefined)
      read.problem(
        `archive-format: ${quoted(text)} is unknown; valid values: ${archiveFormats.join(', ')}, alone or as windows=zip.`,
      );
    else formats[system] = format;
  }
  return formats;
}

/** Reads and judges what is said of archives. */
export function readArchiveInputs(read: InputReader): ArchiveInputs {
  const archiveName = read.string('archive-name', { default: usualArtifactName });
  read.check('archive-name', () => checkArtifactName(archiveName));
  const archiveFiles = read.list('archive-files').map(readPlacement);
  for (const placement of archiveFiles) {
    const why = misplaced(placement);
    if (why !== undefined) read.problem(`archive-files: ${quoted(placement.glob)} ${why}.`);
  }
  const archive = read.boolean('archive', { default: true });
  // The settings of a service hold also where a job of its own makes no archives.
  if (!archive && archiveFiles.length > 0 && !read.isSetting('archive-files'))
    read.problem('archive-files: given with archive: false, so there is nothing to put them into.');
  return {
    archive,
    archiveName,
    archiveFormat: readFormats(read),
    archiveFiles,
    universal: read.oneOf('universal', ['false', 'true', 'only']),
    isUniversalSetting: read.isSetting('universal'),
  };
}
