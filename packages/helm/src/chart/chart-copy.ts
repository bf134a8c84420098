import * as fs from 'node:fs/promises';
import path from 'node:path';
import { confine } from '@slipway/runtime';
import type { ChartDependency } from './chart.ts';

const scheme = 'file://';

/** Whether a dependency is a folder beside the chart. */
export function isLocal({ repository }: ChartDependency): boolean {
  return repository.startsWith(scheme);
}

async function exists(file: string): Promise<boolean> {
  return await fs.access(file).then(
    () => true,
    () => false,
  );
}

/**
 * A copy of a chart folder below `tempDir`. The folders that its dependencies name relative to it
 * (`file://../lib`) are found from the copy as well, by links. What Helm packs into the copy's `charts/`
 * does not stay in the checkout, where a later step would deploy it though the folder has changed.
 */
export async function copyChart(
  folder: string,
  dependencies: readonly ChartDependency[],
  tempDir: string,
): Promise<string> {
  const root = path.join(tempDir, 'chart-copy');
  const copy = path.join(root, path.relative(path.parse(folder).root, folder));
  await fs.mkdir(path.dirname(copy), { recursive: true, mode: 0o700 });
  await fs.cp(folder, copy, {
    recursive: true,
    filter: (source) => source !== path.join(folder, '.git'),
  });
  for (const { repository } of dependencies.filter(isLocal)) {
    const place = repository.slice(scheme.length);
    const link = confine(root, path.resolve(copy, place));
    if (path.isAbsolute(place) || link === undefined || (await exists(link))) continue;
    await fs.mkdir(path.dirname(link), { recursive: true });
    // On Windows a junction needs no rights of its own; elsewhere the word means nothing.
    await fs.symlink(path.resolve(folder, place), link, 'junction');
  }
  return copy;
}
