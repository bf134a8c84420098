import { promises as fs } from 'node:fs';
import path from 'node:path';
import { readFleet, readServiceFile, type Fleet, type ServiceFile } from '@slipway/fleet';

/** Names under which a `slipway.yml` may lie, the first before the second. */
export const fleetFileNames = ['slipway.yml', 'slipway.yaml'] as const;

async function firstOf(
  root: string,
  folder: string,
): Promise<{ name: string; text: string } | undefined> {
  for (const name of fleetFileNames) {
    const text = await fs.readFile(path.join(root, folder, name), 'utf8').catch(() => undefined);
    if (text !== undefined) return { name: path.posix.join(folder, name), text };
  }
  return undefined;
}

/**
 * The `slipway.yml` in a service's folder (relative to `root`), undefined when there is none. At the root
 * it is one that has only settings of a service; any other is of all services, see `readRootFleet`.
 * Throws an InputError with all that is wrong in it.
 */
export async function readOwnFile(root: string, folder: string): Promise<ServiceFile | undefined> {
  if (folder === '' || folder === '.') return ownOf(await readRootFleet(root));
  const found = await firstOf(root, folder);
  return found === undefined ? undefined : readServiceFile(found.text, found.name);
}

function ownOf(fleet: Fleet | undefined): ServiceFile | undefined {
  const own = fleet?.services.find(({ path: above }) => above.length === 0);
  if (fleet === undefined || own === undefined) return undefined;
  return { file: fleet.file, settings: own.settings, placeOf: fleet.placeOf };
}

/** The `slipway.yml` at `root`, undefined when there is none. Throws an InputError as `readOwnFile`. */
export async function readRootFleet(root: string): Promise<Fleet | undefined> {
  const found = await firstOf(root, '');
  return found === undefined ? undefined : readFleet(found.text, found.name);
}
