import { ExecError, type Exec } from '@slipway/exec';
import { readServiceFile, resolveService, type ServiceFile } from '@slipway/fleet';
import { globMatcher } from '@slipway/glob';
import { gitIn, type ImportGraph } from '@slipway/go';
import { InputError } from '@slipway/runtime';
import { derivedServiceName, fleetFileNames, readOwnFile, type Service } from './service/index.ts';
import { sayings } from './setting-changes.ts';

/** What a service's own file says of it; its derived name is what it has when none is said. */
function saidBy(own: ServiceFile | undefined, folder: string): string {
  const name = derivedServiceName(folder.slice(folder.lastIndexOf('/') + 1));
  const defaults = name === undefined ? {} : { name };
  return sayings(resolveService(undefined, folder, { own, defaults, glob: globMatcher }));
}

/** Whether a package that the file lies in embeds files, and so perhaps this one. */
function mayBeEmbedded({ packages }: ImportGraph, folder: string): boolean {
  return [...packages.values()].some(
    (each) =>
      each.embeds.size > 0 &&
      (each.folder === '' || folder === each.folder || folder.startsWith(`${each.folder}/`)),
  );
}

async function committedFile(
  exec: Exec,
  { root, base, file }: { root: string; base: string; file: string },
): Promise<ServiceFile | undefined> {
  try {
    const text = await gitIn(exec, root)(['show', '--no-textconv', `${base}:./${file}`]);
    return readServiceFile(text, file);
  } catch (error) {
    if (error instanceof ExecError) return undefined;
    throw error;
  }
}

/**
 * Those of `files` that are the `slipway.yml` in a service's own folder and say the same of it as in the commit
 * `base`, whatever their comments, owners and order of deployment. One that cannot be compared is none of them.
 */
export async function idleOwnFiles(
  exec: Exec,
  question: {
    root: string;
    base: string;
    files: readonly string[];
    services: readonly Service[];
    graph: ImportGraph;
  },
): Promise<ReadonlySet<string>> {
  const { root, base, files, services, graph } = question;
  const idle = new Set<string>();
  for (const { path: folder } of services) {
    const changed = fleetFileNames
      .map((name) => `${folder}/${name}`)
      .filter((each) => files.includes(each));
    const [file, other] = changed;
    if (folder === '.' || file === undefined || other !== undefined) continue;
    if (mayBeEmbedded(graph, folder)) continue;
    try {
      const before = await committedFile(exec, { root, base, file });
      const after = await readOwnFile(root, folder);
      if (saidBy(before, folder) === saidBy(after, folder)) idle.add(file);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
    }
  }
  return idle;
}
