import type { ArchiveEntry } from '@slipway/archive';
import type { OpenBase, OpenRepository } from './push-access.ts';

/** Where images go, and what is in them beside the programs: settled before anything is compiled. */
export interface SettledImages {
  repositories: readonly OpenRepository[];
  base: OpenBase | undefined;
  files: readonly ArchiveEntry[];
}
