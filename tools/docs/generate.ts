import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { readActionMetadata } from './action-metadata.ts';
import { withTables } from './tables.ts';
import { root } from '../manifest.ts';

/** Folders with an action.yml; the root's counts once its README has the markers. */
function documentedFolders(): string[] {
  const actions = readdirSync(path.join(root, 'actions'))
    .map((name) => path.join(root, 'actions', name))
    .filter((folder) => existsSync(path.join(folder, 'action.yml')));
  const readme = path.join(root, 'README.md');
  const rootToo =
    existsSync(path.join(root, 'action.yml')) &&
    existsSync(readme) &&
    readFileSync(readme, 'utf8').includes('<!-- inputs:start -->');
  return rootToo ? [root, ...actions] : actions;
}

const check = process.argv.includes('--check');
let problems = 0;
for (const folder of documentedFolders()) {
  const file = path.join(folder, 'README.md');
  const shown = path.relative(root, file);
  try {
    if (!existsSync(file)) throw new Error('it is missing');
    const readme = readFileSync(file, 'utf8');
    const wanted = withTables(readme, readActionMetadata(path.join(folder, 'action.yml')));
    if (wanted === readme) continue;
    if (check) throw new Error('its tables are not those of its action.yml');
    writeFileSync(file, wanted);
    console.log(`${shown}: written`);
  } catch (error) {
    problems += 1;
    console.error(`${shown}: ${(error as Error).message}.`);
  }
}
process.exit(problems === 0 ? 0 : 1);
