import type { ArchiveInputs } from './archive-inputs.ts';
import type { ImageRequest } from './image/images.ts';
import type { Published } from './output/output-folder.ts';

/** What is to be made of the builds, and where. */
export interface CrossBuildRequest {
  workingDirectory: string;
  outputDir: string;
  /** Whether files of another version are removed from the output folder; else they are refused. */
  clean: boolean;
  /** What archives are called and hold, and whether any are made. */
  archives: ArchiveInputs;
  sbom: boolean;
  /** Undefined makes no images. */
  images: ImageRequest | undefined;
  /** Told what is in the output folder, before images are pushed. */
  onFiles?: (files: Published) => void;
}
