import { promises as fs } from 'node:fs';
import path from 'node:path';
import { ExecError, type Exec } from '@slipway/exec';
import {
  compareVersions,
  parseModFile,
  type DependencyChange,
  type ModuleTree,
  type ModuleVersions,
} from '../module/index.ts';
import { isModuleFile } from './changed-packages.ts';
import { folderOf } from './file-owners.ts';
import { gitIn } from './git.ts';

/** What changed go.mod and go.sum files mean. */
export interface DependencyChanges {
  /** By folder of the module. One that is missing changed as a whole. */
  byModule: ReadonlyMap<string, DependencyChange>;
  /** What could not be told, and what counts instead. */
  unsure: readonly string[];
}

/** More modules than this are not compared one by one. */
const maxModules = 30;
const graphTimeoutMs = 20_000;
/** Characters of go's own words. */
const maxReason = 300;

/**
 * Compares the go.mod and go.sum files among `files` with those of the commit `base`. A module that
 * requires a changed one may link it too: `go mod graph` tells, which asks the job's own module proxy
 * for go.mod files that are not in the module cache. Without its answer any import counts.
 */
export async function readDependencyChanges(
  exec: Exec,
  question: { root: string; tree: ModuleTree; base: string; files: readonly string[] },
): Promise<DependencyChanges> {
  const { root, tree, base, files } = question;
  const folders = [...new Set(files.filter(isModuleFile).map(folderOf))].filter(tree.isModule);
  const byModule = new Map<string, DependencyChange>();
  const unsure: string[] = [];
  if (folders.length > maxModules)
    unsure.push(`${folders.length} go.mod files changed, so each module counts as a whole`);
  let whyNot = '';
  for (const folder of folders.length > maxModules ? [] : folders) {
    const [before, after] = [
      await committedVersions(exec, root, { base, folder }),
      await presentVersions(root, folder),
    ];
    if (before === undefined || after === undefined) continue;
    const change = compareVersions(before, after);
    if (change.modules === 'any' || change.modules.size === 0) {
      byModule.set(folder, change);
      continue;
    }
    const users =
      whyNot === '' ? await usersOf(exec, path.join(root, folder), change.modules) : whyNot;
    if (typeof users === 'string') {
      whyNot = users;
      unsure.push(
        `who links ${[...change.modules].slice(0, 3).join(', ')} could not be told (go mod graph in ${folder || 'the root'}: ${whyNot}), so all that imports from other repositories counts`,
      );
    }
    byModule.set(folder, {
      everything: change.everything,
      modules: typeof users === 'string' ? 'any' : users,
    });
  }
  return { byModule, unsure };
}

async function committedVersions(
  exec: Exec,
  root: string,
  { base, folder }: { base: string; folder: string },
): Promise<ModuleVersions | undefined> {
  const git = gitIn(exec, root);
  const show = async (name: string): Promise<string | undefined> => {
    try {
      return await git([
        'show',
        '--no-textconv',
        `${base}:./${folder === '' ? '' : `${folder}/`}${name}`,
      ]);
    } catch (error) {
      if (error instanceof ExecError) return undefined;
      throw error;
    }
  };
  const mod = await show('go.mod');
  if (mod === undefined) return undefined;
  return { mod: parseModFile(mod), sum: (await show('go.sum')) ?? '' };
}

async function presentVersions(root: string, folder: string): Promise<ModuleVersions | undefined> {
  const read = async (name: string): Promise<string | undefined> =>
    await fs.readFile(path.join(root, folder, name), 'utf8').catch(() => undefined);
  const mod = await read('go.mod');
  if (mod === undefined) return undefined;
  return { mod: parseModFile(mod), sum: (await read('go.sum')) ?? '' };
}

/** The changed modules and those that require one, directly or not; why go cannot tell, when it cannot. */
async function usersOf(
  exec: Exec,
  dir: string,
  changed: ReadonlySet<string>,
): Promise<ReadonlySet<string> | string> {
  try {
    const { stdout } = await exec('go', ['mod', 'graph'], {
      cwd: dir,
      timeoutMs: graphTimeoutMs,
      maxStdoutBytes: 64 * 1024 * 1024,
      addEnv: { GOWORK: 'off', GOTOOLCHAIN: 'local', GOFLAGS: '-mod=readonly' },
    });
    return requirersOf(stdout, changed);
  } catch (error) {
    if (!(error instanceof ExecError)) throw error;
    const last = error.stderr.trim().split('\n').at(-1) ?? '';
    return last === '' || error.timedOut ? error.message : last.slice(0, maxReason);
  }
}

/** Over all versions at once: a module too many is better than one too few. */
function requirersOf(graph: string, changed: ReadonlySet<string>): ReadonlySet<string> {
  const requirers = new Map<string, string[]>();
  for (const line of graph.split('\n')) {
    const [from = '', to = ''] = line.split(' ');
    // The module itself, which has no version, requires everything.
    if (!from.includes('@') || to === '') continue;
    const key = to.replace(/@.*$/, '');
    const known = requirers.get(key);
    if (known === undefined) requirers.set(key, [from.replace(/@.*$/, '')]);
    else known.push(from.replace(/@.*$/, ''));
  }
  const users = new Set(changed);
  for (const each of users) for (const requirer of requirers.get(each) ?? []) users.add(requirer);
  return users;
}
