import { promises as fs } from 'node:fs';
import path from 'node:path';
import { ExecError, type Exec } from '@slipway/exec';
import {
  isPassedOver,
  moduleTree,
  parseModFile,
  type ModuleTree,
  type PlacedModFile,
} from '../module/index.ts';
import { folderOf } from './file-owners.ts';
import { gitIn } from './git.ts';

const wanted = /(?:^|\/)go\.(?:mod|work)$/;
const maxBytes = 4 * 1024 * 1024;
const maxDepth = 40;

/**
 * The modules whose go.mod git tracks below `root`, submodules included; without git, those that lie
 * there. One whose go.mod names no module has an empty path: it is built and tested, so that go tells.
 */
export async function readModules(exec: Exec, root: string): Promise<ModuleTree> {
  const files = (await trackedFiles(exec, root))
    .filter((file) => wanted.test(file) && !isPassedOver(folderOf(file)))
    .sort();
  const modFiles: PlacedModFile[] = [];
  const workFiles: PlacedModFile[] = [];
  for (const file of files) {
    const text = await readText(path.join(root, file));
    // Tracked and not there: a sparse checkout, which holds no packages of it either.
    if (text === undefined) continue;
    const placed = { folder: folderOf(file), mod: parseModFile(text) };
    (file.endsWith('.work') ? workFiles : modFiles).push(placed);
  }
  return moduleTree(modFiles, workFiles);
}

async function trackedFiles(exec: Exec, root: string): Promise<readonly string[]> {
  try {
    const listed = await gitIn(
      exec,
      root,
    )(['ls-files', '-z', '--recurse-submodules', '--', ':(glob)**/go.mod', ':(glob)**/go.work']);
    return listed.split('\0');
  } catch (error) {
    if (!(error instanceof ExecError)) throw error;
    return await filesBelow(root, '', maxDepth);
  }
}

async function filesBelow(root: string, folder: string, left: number): Promise<string[]> {
  const found: string[] = [];
  const entries = await fs
    .readdir(path.join(root, folder), { withFileTypes: true })
    .catch(() => []);
  for (const entry of entries) {
    const below = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (entry.isFile()) found.push(below);
    else if (entry.isDirectory() && left > 0 && !isPassedOver(entry.name))
      found.push(...(await filesBelow(root, below, left - 1)));
  }
  return found;
}

async function readText(file: string): Promise<string | undefined> {
  try {
    const { size } = await fs.stat(file);
    return size > maxBytes ? '' : await fs.readFile(file, 'utf8');
  } catch {
    return undefined;
  }
}
