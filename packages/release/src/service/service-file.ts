import { promises as fs } from 'node:fs';
import path from 'node:path';
import { readFleet, readServiceFile, type Fleet, type ServiceFile } from '@slipway/fleet';
import { confineReal, InputError, quoted } from '@slipway/runtime';

/** Names under which a `slipway.yml` may lie, the first before the second. */
export const fleetFileNames = ['slipway.yml', 'slipway.yaml'] as const;

/** What is there and is no file says something that cannot be read: passed over, defaults would hold. */
async function textOf(root: string, name: string): Promise<string | undefined> {
  const file = path.join(root, name);
  const isThere = await fs.lstat(file).then(
    () => true,
    () => false,
  );
  if (!isThere) return undefined;
  const stats =
    confineReal(root, name) === undefined ? undefined : await fs.stat(file).catch(() => undefined);
  if (stats?.isFile() !== true)
    throw new InputError(`${quoted(name)} is no file of the repository.`, {
      next: 'Make it a file, or a link to a file of the repository.',
    });
  return await fs.readFile(file, 'utf8');
}

async function firstOf(
  root: string,
  folder: string,
): Promise<{ name: string; text: string } | undefined> {
  for (const name of fleetFileNames) {
    const place = path.posix.join(folder, name);
    const text = await textOf(root, place);
    if (text !== undefined) return { name: place, text };
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
