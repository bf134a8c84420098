import { formatPlatform, type Image } from '@slipway/artifact';
import type { PackageSize } from '@slipway/go';
import { ActionError, formatSize, type Log } from '@slipway/runtime';

/** How much a pull of an image may transfer. */
export interface ImageBudget {
  bytes: number;
  /** Nobody asked for it: then more is told, and not refused. */
  isOurs: boolean;
}

const mostPackages = 8;

/** Where the bytes are: layers of the base, and the packages that take most of the program. */
function reasons(image: Image, packages: readonly PackageSize[]): string {
  const below = image.baseLayers.reduce((sum, { size }) => sum + size, 0);
  const largest = packages
    .slice(0, mostPackages)
    .map(({ name, bytes }) => `${name} ${formatSize(bytes)}`);
  return [
    ...(below === 0 ? [] : [`${formatSize(below)} of it are the layers of image-base`]),
    ...(largest.length === 0
      ? []
      : [`the largest packages in the program, before compression, are ${largest.join(', ')}`]),
  ].join('; ');
}

/**
 * Holds each image to the budget before any is pushed: over a given one it throws ActionError, over our own
 * it warns. `measure` finds the largest packages of a program, the largest first, and is asked only then.
 */
export async function checkBudget(
  log: Log,
  made: readonly { program: string; images: readonly Image[] }[],
  budget: ImageBudget,
  measure: (program: string) => Promise<readonly PackageSize[]>,
): Promise<void> {
  for (const { program, images } of made) {
    const [largest] = images.toSorted((a, b) => b.pulledBytes - a.pulledBytes);
    if (largest === undefined || largest.pulledBytes <= budget.bytes) continue;
    const why = reasons(largest, await measure(program));
    const message = `The image of ${program} for ${formatPlatform(largest.platform)} is ${formatSize(largest.pulledBytes)} to pull, more than ${budget.isOurs ? 'the usual' : 'its image-budget of'} ${formatSize(budget.bytes)}${why === '' ? '.' : `: ${why}.`}`;
    if (!budget.isOurs)
      throw new ActionError(message, {
        next: 'Take out what is large, or raise image-budget of this service.',
      });
    log.warning(`${message} Set image-budget to what it may be, and more than that will fail.`);
  }
}
