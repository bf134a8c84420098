import { formatImageName, parseImageName, type ImageName } from '@slipway/artifact';
import type { BuildUnit } from '@slipway/go';
import { errorMessage, InputError } from '@slipway/runtime';

/** Where the image of one program goes. */
export interface ImageRepository {
  program: string;
  name: ImageName;
}

const imageSystems = ['linux', 'wasip1'];

/** Whether a target's programs go into an image. */
export function isImageTarget({ target }: Pick<BuildUnit, 'target'>): boolean {
  return imageSystems.includes(target.goos);
}

/** The repository of one program's image: `image` itself for one program, else below it. */
export function imageOf(image: string, program: string, isOnlyOne: boolean): string {
  const part = program.toLowerCase().replace(/[^a-z0-9._-]+/g, '-');
  if (image.includes('{name}')) return image.replaceAll('{name}', part);
  return isOnlyOne ? image : `${image.replace(/\/+$/, '')}/${part}`;
}

function nameFor(image: string, program: string, isOnlyOne: boolean): ImageName {
  try {
    return parseImageName(imageOf(image, program, isOnlyOne));
  } catch (error) {
    throw new InputError(`image of ${program}: ${errorMessage(error)}`, {
      next: 'Give the program another name with the input program.',
    });
  }
}

/**
 * The repository of each program's image, by program name; known before anything is built. Throws
 * InputError when no target makes an image, for a name that no repository can have, and for one that
 * two programs would share.
 */
export function imageRepositories(image: string, units: readonly BuildUnit[]): ImageRepository[] {
  const mains = units.filter(isImageTarget).flatMap((unit) => unit.mains);
  const programs = [...new Set(mains.map(({ name }) => name))].sort();
  if (programs.length === 0)
    throw new InputError('image: none of the targets is linux or wasip1, so there is no image.', {
      next: 'Add a target such as linux/amd64, or take image away.',
    });
  const takenBy = new Map<string, string>();
  return programs.map((program) => {
    const name = nameFor(image, program, programs.length === 1);
    const other = takenBy.get(formatImageName(name));
    if (other !== undefined)
      throw new InputError(
        `image: ${other} and ${program} would both be ${formatImageName(name)}.`,
        { next: 'Write {name} into image, or give one another name with the input program.' },
      );
    takenBy.set(formatImageName(name), program);
    return { program, name };
  });
}
