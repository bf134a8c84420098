import type { ArchiveEntry } from '@slipway/archive';
import { givenFiles, type FilePlacement, type FileSearch } from '@slipway/artifact';
import { InputError, quoted } from '@slipway/runtime';

/** Files of the checkout, and where they are in the image, without `/` in front. */
export interface ImageFile extends FilePlacement {
  place: string;
}

/** `glob=/place owner=65532 mode=0640`; undefined for what is not of that form. */
export function readImageFile(line: string): ImageFile | undefined {
  const [, glob = '', place = '', rest = ''] =
    /^([^=]+)=\s*\/([^\s]+)((?:\s+(?:owner|mode)=\d{1,10})*)$/.exec(line) ?? [];
  if (glob === '') return undefined;
  const owner = /\bowner=(\d+)/.exec(rest)?.[1];
  const mode = /\bmode=([0-7]{3,4})(?!\d)/.exec(rest)?.[1];
  if (/\bmode=/.test(rest) && mode === undefined) return undefined;
  return {
    glob: glob.trim(),
    place,
    ...(owner === undefined ? {} : { owner: Number(owner) }),
    ...(mode === undefined ? {} : { mode: parseInt(mode, 8) }),
  };
}

/** The entries of an image for its files. Throws InputError for a glob that finds none, and for the program's place. */
export async function imageFiles(
  files: readonly ImageFile[],
  search: FileSearch,
  programs: readonly string[],
): Promise<readonly ArchiveEntry[]> {
  const entries = await givenFiles(files, search, 'image-files');
  const taken = entries.find(({ path }) => programs.some((name) => path === `app/${name}`));
  if (taken !== undefined)
    throw new InputError(
      `image-files: ${quoted(`/${taken.path}`)} is where the program itself is.`,
      {
        next: 'Give the file another place.',
      },
    );
  return entries;
}
