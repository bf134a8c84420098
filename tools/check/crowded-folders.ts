import path from 'node:path';

/** More than this cannot be seen at a glance. */
const mostFiles = 20;

/** Folders that hold more source files than can be seen at a glance; fixtures may. */
export function crowdedFolders(files: readonly string[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const file of files) {
    const folder = path.posix.dirname(file);
    if (!folder.startsWith('test/fixtures')) counts.set(folder, (counts.get(folder) ?? 0) + 1);
  }
  return [...counts]
    .filter(([, count]) => count > mostFiles)
    .map(
      ([folder, count]) =>
        `${folder} holds ${count} files, more than ${mostFiles}: a prefix that repeats is a folder`,
    );
}
