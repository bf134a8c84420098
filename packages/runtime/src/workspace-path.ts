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
