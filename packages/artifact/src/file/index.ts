export {
  artifactName,
  checkArtifactName,
  fileVersion,
  type NamedArtifact,
  usualArtifactName,
} from './artifact-name.ts';
export { renderChecksums } from './checksums.ts';
export { companionFiles } from './companion-files.ts';
export { sha256, sha256File } from './digest.ts';
export { type FilePlacement, type FileSearch, givenFiles } from './given-files.ts';
export { publishTogether, removePartials, writeAtomically } from './atomic-file.ts';
