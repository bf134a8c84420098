import { promises as fs } from 'node:fs';
import path from 'node:path';
import { ExecError, type Exec } from '@slipway/exec';
import { parseModFile, type ModFile, type ModuleTree } from '../module/index.ts';
import { gitIn } from './git.ts';

/** Modules that came into a workspace or left it, and nothing else changed there. */
export interface WorkspaceChange {
  /** Of those that came, and of those that left and are still there. */
  folders: ReadonlySet<string>;
  /** Module paths of those that left. */
  left: ReadonlySet<string>;
}

/** By the folder of the go.work. */
export type WorkspaceChanges = ReadonlyMap<string, WorkspaceChange>;

type ReadMod = (folder: string) => Promise<ModFile | undefined>;

/** The folders that a go.work uses, relative to the repository. */
function usesOf(folder: string, { uses }: ModFile): ReadonlySet<string> {
  return new Set(uses.map((use) => path.posix.join(folder, use).replace(/^\.$|\/$/g, '')));
}

/** Whether two files say the same but for what they use and require. */
function sameSettings(one: ModFile, other: ModFile): boolean {
  const text = ({ settings, replaces }: ModFile): string => JSON.stringify([settings, replaces]);
  return text(one) === text(other);
}

/**
 * Whether a module has no say in the versions that a workspace chooses: what it requires others require in the
 * same version, or is of the workspace, and it replaces and excludes nothing.
 */
function isQuiet(
  { requires, replaces, settings }: ModFile,
  others: readonly ModFile[],
  paths: ReadonlySet<string | undefined>,
): boolean {
  const isKnown = ([module, version]: readonly [string, string]): boolean =>
    paths.has(module) || others.some((other) => other.requires.get(module) === version);
  return (
    replaces.length === 0 &&
    settings.every((line) => /^(?:go|toolchain) /.test(line)) &&
    [...requires].every(isKnown)
  );
}

async function readWorkspaceChange(
  tree: ModuleTree,
  given: { folder: string; files: ReadonlySet<string>; before: ReadMod; after: ReadMod },
): Promise<WorkspaceChange | undefined> {
  const { folder, files, before, after } = given;
  const [old, now] = [await before('go.work'), await after('go.work')];
  if (old === undefined || now === undefined || !sameSettings(old, now)) return undefined;
  const [had, has] = [usesOf(folder, old), usesOf(folder, now)];
  const stayed = [...had].filter((use) => has.has(use));
  const isTouched = stayed.some((use) => files.has(path.posix.join(use, 'go.mod')));
  if (isTouched) return undefined;
  const modOf = (use: string, read: ReadMod): Promise<ModFile | undefined> =>
    read(path.posix.join(path.posix.relative(folder, use), 'go.mod'));
  const came = [...has].filter((use) => !had.has(use));
  const left = [...had].filter((use) => !has.has(use));
  const moved = [
    ...(await Promise.all(came.map((use) => modOf(use, after)))),
    ...(await Promise.all(left.map((use) => modOf(use, before)))),
  ].filter((mod) => mod !== undefined);
  const others = tree.modules.filter((each) => stayed.includes(each.folder));
  // Of a module that cannot be read nobody knows what it requires.
  if (moved.length < came.length + left.length || others.length < stayed.length) return undefined;
  const paths = new Set([...others.map(({ mod }) => mod), ...moved].map(({ module }) => module));
  const mods = others.map(({ mod }) => mod);
  if (!moved.every((mod) => isQuiet(mod, mods, paths))) return undefined;
  return {
    folders: new Set([...came, ...left]),
    left: new Set(moved.slice(came.length).flatMap(({ module }) => module ?? [])),
  };
}

/**
 * What changed go.work files mean, of those in which modules came or left without a say in the versions of the
 * others. In any other the whole workspace counts.
 */
export async function readWorkspaceChanges(
  exec: Exec,
  question: { root: string; tree: ModuleTree; base: string; files: readonly string[] },
): Promise<WorkspaceChanges> {
  const { root, tree, base, files } = question;
  const git = gitIn(exec, root);
  const changes = new Map<string, WorkspaceChange>();
  for (const file of files.filter((each) => /(?:^|\/)go\.work$/.test(each))) {
    const folder = file.slice(0, Math.max(0, file.length - '/go.work'.length));
    const before: ReadMod = async (name) => {
      const place = path.posix.join(folder, name);
      const text = await git(['show', '--no-textconv', `${base}:./${place}`]).catch(nothing);
      return text === undefined ? undefined : parseModFile(text);
    };
    const after: ReadMod = async (name) => {
      const text = await fs.readFile(path.join(root, folder, name), 'utf8').catch(() => undefined);
      return text === undefined ? undefined : parseModFile(text);
    };
    const change = await readWorkspaceChange(tree, {
      folder,
      files: new Set(files),
      before,
      after,
    });
    if (change !== undefined) changes.set(folder, change);
  }
  return changes;
}

function nothing(error: unknown): undefined {
  if (error instanceof ExecError) return undefined;
  throw error;
}
