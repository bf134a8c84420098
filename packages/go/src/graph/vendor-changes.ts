import { promises as fs } from 'node:fs';
import path from 'node:path';
import { ExecError, type Exec } from '@slipway/exec';
import { fileOwners } from './file-owners.ts';
import { gitIn } from './git.ts';
import { listSources, type SourceBuild, type SourcePackage } from './package-listing.ts';

/** By the folder that a `vendor` lies in, the import paths of what changed in it, directly or not. */
export type VendorChanges = ReadonlyMap<string, ReadonlySet<string>>;

const vendored = /^(?:(.*)\/)?vendor\/(.+)$/;
const list = 'modules.txt';

/** The changed files of each `vendor`, relative to it. */
function byParent(files: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, readonly string[]>();
  for (const file of files) {
    const [, parent = '', inside] = vendored.exec(file) ?? [];
    if (inside !== undefined) found.set(parent, [...(found.get(parent) ?? []), inside]);
  }
  return found;
}

/** What vendor/modules.txt says of each module (go.dev/ref/mod#vendoring), and of the whole under ''. */
function sectionsOf(text: string): ReadonlyMap<string, string> {
  const sections = new Map<string, string>([['', '']]);
  let module = '';
  for (const line of text.split('\n')) {
    if (line.startsWith('# ')) module = line.split(' ')[1] ?? '';
    // A package that came or went is told by its files.
    if (line.startsWith('#')) sections.set(module, `${sections.get(module) ?? ''}${line}\n`);
  }
  return sections;
}

/** Modules of which the list says something else; undefined when it cannot be compared, or differs as a whole. */
async function changedModules(
  exec: Exec,
  { root, base, parent }: { root: string; base: string; parent: string },
): Promise<ReadonlySet<string> | undefined> {
  const name = path.posix.join(parent, 'vendor', list);
  const before = sectionsOf(
    await gitIn(exec, root)(['show', '--no-textconv', `${base}:./${name}`]),
  );
  const text = await fs.readFile(path.join(root, name), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const after = sectionsOf(text);
  const all = [...new Set([...before.keys(), ...after.keys()])];
  const changed = new Set(all.filter((module) => before.get(module) !== after.get(module)));
  return changed.has('') ? undefined : changed;
}

/** The changed packages of one `vendor` and those in it that import them, by import path. */
function changedImports(
  packages: ReadonlyMap<string, SourcePackage>,
  change: { vendor: string; files: readonly string[]; modules: ReadonlySet<string> },
): ReadonlySet<string> {
  const { vendor, files, modules } = change;
  const inside = new Map<string, SourcePackage>();
  for (const each of packages.values())
    if (each.folder.startsWith(`${vendor}/`))
      inside.set(each.folder.slice(vendor.length + 1), each);
  const importers = new Map<string, string[]>();
  for (const [own, { imports }] of inside)
    for (const other of imports) {
      // Where go resolved it, the path of the vendor is in front.
      const bare = other.replace(/^.*\/vendor\//, '');
      importers.set(bare, [...(importers.get(bare) ?? []), own]);
    }
  const ownersOf = fileOwners({ packages: inside });
  const ofModules = [...inside.keys()].filter((own) =>
    [...modules].some((module) => own === module || own.startsWith(`${module}/`)),
  );
  const changed = new Set([...files.flatMap((file) => ownersOf(file)), ...ofModules]);
  for (const each of changed)
    for (const importer of importers.get(each) ?? []) changed.add(importer);
  return changed;
}

/**
 * What changed files in folders `vendor` mean, by the imports of what is vendored as the go command lists it
 * under any of `builds`. A `vendor` that is left out came, went or cannot be listed: all that is built with it
 * counts.
 */
export async function readVendorChanges(
  exec: Exec,
  question: {
    root: string;
    base: string;
    files: readonly string[];
    builds: readonly SourceBuild[];
  },
): Promise<VendorChanges> {
  const { root, base, builds } = question;
  const changes = new Map<string, ReadonlySet<string>>();
  for (const [parent, inside] of byParent(question.files))
    try {
      const modules = await changedModules(exec, { root, base, parent });
      if (modules === undefined) continue;
      const vendor = path.posix.join(parent, 'vendor');
      const packages = await listSources(exec, root, builds, `./${vendor}/...`);
      const files = inside.filter((file) => file !== list);
      changes.set(parent, changedImports(packages, { vendor, files, modules }));
    } catch (error) {
      if (!(error instanceof ExecError)) throw error;
    }
  return changes;
}
