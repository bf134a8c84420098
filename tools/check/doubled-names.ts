/** Names that every package or action may have once, since each has such a file of its own. */
const recurring = new Set(['index', 'inputs', 'main', 'ports', 'post', 'saved-state', 'summary']);

/**
 * What a file of src is called by someone who looks for it: its name, with its folder's before it
 * (`rollback/proof`); a file named like its folder is that concept itself (`rollback`).
 */
function nameOf(file: string): string | undefined {
  const inner = /^(?:packages|actions)\/[^/]+\/src\/(.+)\.ts$/.exec(file)?.[1]?.split('/');
  const own = inner?.at(-1);
  if (inner === undefined || own === undefined || recurring.has(own)) return undefined;
  return inner.filter((part, index) => part !== inner[index - 1]).join('/');
}

/** Names that two files of packages and actions share, so that the second is not found by its name. */
export function doubledNames(files: readonly string[]): readonly string[] {
  const byName = new Map<string, string[]>();
  for (const file of files) {
    const name = nameOf(file);
    if (name !== undefined) byName.set(name, [...(byName.get(name) ?? []), file]);
  }
  return [...byName]
    .filter(([, same]) => same.length > 1)
    .map(([name, same]) => `${name} is the name of ${same.join(' and ')}: rename one`);
}
