import path from 'node:path';
import { actionInputTexts, type ServiceSettings } from '@slipway/fleet';

/** A matcher takes no longer globs. */
const maxLength = 1_000;

/** A glob cut where a part begins to stand for more than one name, or for what only Node's globs know. */
function bounded(glob: string): string {
  const parts = glob.split('/');
  const at = parts.findIndex((part) => part.includes('**') || /[[\]{}()\\]/.test(part));
  const cut = at < 0 ? glob : [...parts.slice(0, at), '**'].join('/');
  return cut.length > maxLength ? '**' : cut;
}

/**
 * Globs of the files that the image or the archives of a service hold besides its program, as slipway.yml
 * says, from the repository's root; a folder stands for all in it. They name those files at least.
 */
export function packedFiles(
  { build = {} }: Pick<ServiceSettings, 'build'>,
  workingDirectory: string,
): readonly string[] {
  const texts = actionInputTexts('build', build);
  const lines = [texts['image-files'], texts['archive-files']].flatMap((text = '') =>
    text.split('\n'),
  );
  const globs = lines
    .map((line) => line.replace(/=.*$/, '').trim())
    .filter((glob) => glob !== '')
    .map((glob) => path.posix.join(workingDirectory, glob).replace(/\/$/, ''))
    .filter((glob) => glob !== '..' && !glob.startsWith('../'))
    .map((glob) => (glob === '.' ? '**' : bounded(glob)));
  return [...new Set(globs)];
}

/** The folder or file at which all that a glob of `packedFiles` names lies; the root is the empty string. */
export function packedPlace(glob: string): string {
  const parts = glob.split('/');
  const at = parts.findIndex((part) => /[*?]/.test(part));
  return (at < 0 ? parts : parts.slice(0, at)).join('/');
}
