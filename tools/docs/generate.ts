import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { readActionMetadata } from './action-metadata.ts';
import { renderActionTypes } from './action-types.ts';
import { benchmarksPage } from './benchmarks/page.ts';
import { renderFleetInputs } from './fleet-inputs.ts';
import { renderFleetSchema, withFleetKeys } from './fleet-schema.ts';
import { roomsPicture } from './rooms/picture.ts';
import { readRooms, withRooms } from './rooms/rooms-page.ts';
import { withTables } from './tables.ts';
import { root } from '../manifest.ts';

/** Folders of actions with an action.yml. */
function actionFolders(): string[] {
  return readdirSync(path.join(root, 'actions'))
    .map((name) => path.join(root, 'actions', name))
    .filter((folder) => existsSync(path.join(folder, 'action.yml')));
}

/** Folders whose README has tables; the root's counts once its README has the markers. */
function documentedFolders(): string[] {
  const readme = path.join(root, 'README.md');
  const rootToo =
    existsSync(path.join(root, 'action.yml')) &&
    existsSync(readme) &&
    readFileSync(readme, 'utf8').includes('<!-- inputs:start -->');
  return rootToo ? [root, ...actionFolders()] : actionFolders();
}

const check = process.argv.includes('--check');
let problems = 0;

/** Writes what `make` gives for the text that stands there, or only says that it is another. */
async function generate(file: string, make: (text: string) => string | Promise<string>) {
  const shown = path.relative(root, file);
  try {
    const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
    const wanted = await make(text);
    if (wanted === text) return;
    if (check) throw new Error('it is not what its sources give now');
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, wanted);
    console.log(`${shown}: written`);
  } catch (error) {
    problems += 1;
    console.error(`${shown}: ${(error as Error).message}.`);
  }
}

for (const folder of documentedFolders())
  await generate(path.join(folder, 'README.md'), (readme) =>
    withTables(readme, readActionMetadata(path.join(folder, 'action.yml'))),
  );
for (const folder of actionFolders())
  await generate(path.join(folder, 'action-types.yml'), () =>
    renderActionTypes(folder, readActionMetadata(path.join(folder, 'action.yml'))),
  );
const fleetInputs = path.join(root, 'packages', 'fleet', 'src', 'schema', 'action-inputs.ts');
await generate(fleetInputs, () => renderFleetInputs(root, fleetInputs));
const schemas = path.join(root, 'schema');
await generate(path.join(schemas, 'slipway.schema.json'), () => renderFleetSchema(root, 'fleet'));
await generate(path.join(schemas, 'slipway-service.schema.json'), () =>
  renderFleetSchema(root, 'service'),
);
await generate(path.join(root, 'docs', 'slipway-yml.md'), withFleetKeys);
const rooms = readRooms(root);
await generate(path.join(root, 'docs', 'architecture.md'), (page) => withRooms(page, root, rooms));
await generate(path.join(root, 'docs', 'images', 'rooms.svg'), () => roomsPicture(rooms));
const benchmarks = benchmarksPage(root);
await generate(path.join(root, 'docs', 'benchmarks.md'), () => benchmarks.markdown);
const charts = path.join(root, 'docs', 'images', 'benchmarks');
for (const [name, svg] of benchmarks.charts) await generate(path.join(charts, name), () => svg);
for (const name of existsSync(charts) ? readdirSync(charts) : [])
  if (!benchmarks.charts.has(name)) {
    problems += 1;
    console.error(`docs/images/benchmarks/${name}: no benchmark draws it any more; remove it.`);
  }
process.exit(problems === 0 ? 0 : 1);
