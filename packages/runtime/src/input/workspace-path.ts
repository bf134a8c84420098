import { readlinkSync, realpathSync } from 'node:fs';
import path from 'node:path';

/**
 * The absolute form of `text` inside `root`, or undefined when it would leave `root`. Purely textual
 * (links are not followed), so it also judges paths that do not exist yet.
 */
export function confine(root: string, text: string, dialect: path.PlatformPath = path) {
  if (text.includes('\0')) return undefined;
  const absolute = dialect.resolve(root, text);
  const relative = dialect.relative(root, absolute);
  const leaves =
    relative === '..' || relative.startsWith(`..${dialect.sep}`) || dialect.isAbsolute(relative);
  return leaves ? undefined : absolute;
}

/** More links than this on the way are a loop, as they are to Linux. */
const maxLinks = 40;

/** The real path of `absolute`, also when its end does not exist yet; undefined when unreadable. */
function realPath(absolute: string, linksLeft = maxLinks): string | undefined {
  try {
    return realpathSync(absolute);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || linksLeft === 0) return undefined;
  }
  const parent = path.dirname(absolute);
  const real = parent === absolute ? absolute : realPath(parent, linksLeft - 1);
  if (real === undefined) return undefined;
  const entry = path.join(real, path.basename(absolute));
  // A link to nowhere: what is written through it lands at its target.
  const target = linkTarget(entry);
  return target === undefined ? entry : realPath(path.resolve(real, target), linksLeft - 1);
}

function linkTarget(entry: string): string | undefined {
  try {
    return readlinkSync(entry);
  } catch {
    return undefined;
  }
}

/**
 * Like `confine`, and undefined also when a symbolic link on the way leads out of `root`. It judges the
 * links of this moment; a folder that others write to can change afterwards.
 */
export function confineReal(root: string, text: string): string | undefined {
  const absolute = confine(root, text);
  if (absolute === undefined) return undefined;
  const [realRoot, real] = [realPath(root), realPath(absolute)];
  if (realRoot === undefined || real === undefined) return undefined;
  return confine(realRoot, real) === undefined ? undefined : absolute;
}
