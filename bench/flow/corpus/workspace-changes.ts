import { append, replace, write } from './edit.ts';
import type { Change, Edit } from './repository.ts';
import { goFile } from './sources.ts';
import { workshopModule } from './workshop.ts';

const change = (name: string, ...edits: readonly Edit[]): Change => ({
  name,
  repository: 'workshop',
  edits,
});

/** Edits in a workspace of modules. */
export const workspaceChanges: readonly Change[] = [
  change(
    'A library’s module is changed',
    replace('libs/core/core.go', '"bolt"', '"nut"'),
    replace('libs/core/core_test.go', '"bolt"', '"nut"'),
  ),
  change(
    'A package of a library’s module that one service imports',
    replace('libs/core/sizes/sizes.go', '12', '14'),
  ),
  change(
    'A package of a library’s module breaks another module’s test',
    replace('libs/core/sizes/sizes.go', '12', '40'),
  ),
  change('An embedded file of a library’s module', replace('libs/wire/schema.json', '1', '2')),
  change(
    'A dependency is bumped in one go.mod, and chosen for the whole workspace',
    replace('services/orders/go.mod', 'post v1.0.0', 'post v1.1.0'),
  ),
  change(
    'The go line of one module',
    replace('services/print/go.mod', 'go 1.25', 'go 1.26'),
    replace('go.work', 'go 1.25', 'go 1.26'),
  ),
  change('A module that is not in go.work', replace('tools/gen/main.go', '"gen"', '"gen 2"')),
  change(
    'A new module with a new service',
    replace('go.work', '\t./services/stock\n', '\t./services/stock\n\t./services/tools\n'),
    write('services/tools/go.mod', workshopModule('services/tools')),
    write(
      'services/tools/main.go',
      goFile('main', ['example.com/workshop/libs/core'], 'func main() { println(core.Part()) }'),
    ),
  ),
  change(
    'The chart of a service in a module of its own',
    append('services/stock/chart/values.yaml', 'tier: back\n'),
  ),
  change('The README of a workspace', append('README.md', '\nMore.\n')),
];
