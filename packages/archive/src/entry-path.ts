import { quoted } from '@slipway/runtime';
import { ArchiveError } from './archive-error.ts';

/** What Windows takes for a device, whatever its ending, and for another name or a stream of a file. */
const device = /^(?:aux|con|nul|prn|conin\$|conout\$|(?:com|lpt)[1-9¹²³]) *(?:\.|$)/i;
const renamed = /[. ]$|:/;

const isUnsafe = (part: string): boolean =>
  part === '..' || (part !== '.' && (device.test(part) || renamed.test(part)));

/**
 * The path of an entry below the folder that it is unpacked in, with `/`. Throws ArchiveError when the
 * name could lead anywhere else, on any system: absolute, with a drive letter, with `..`, a device or a
 * stream of Windows, or with control characters, among them NUL. A backslash separates, as on Windows.
 */
export function entryPath(archive: string, name: string): string {
  const parts = name.split(/[\\/]/);
  const leadsElsewhere =
    parts[0] === '' || parts.some(isUnsafe) || /[\u0000-\u001f\u007f]/.test(name);
  const inside = parts.filter((part) => part !== '' && part !== '.').join('/');
  if (leadsElsewhere || inside === '') throw unsafeName(archive, name);
  return inside;
}

/** The name of an entry does not do for a path. */
export function unsafeName(archive: string, name: string): ArchiveError {
  return new ArchiveError(archive, `holds the name ${quoted(name)}, which is not safe`);
}
