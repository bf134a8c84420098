import { append, move, remove, rename, replace, write } from './edit.ts';
import type { Change, Edit } from './repository.ts';
import { goFile } from './sources.ts';

const change = (name: string, ...edits: readonly Edit[]): Change => ({
  name,
  repository: 'harbour',
  edits,
});

/** Edits of what lies beside the sources, and of which services there are. */
export const fileChanges: readonly Change[] = [
  change(
    'An embedded page',
    replace('services/api/templates/index.html', 'Harbour', 'The harbour'),
  ),
  change(
    'A file more in an embedded folder',
    write('services/api/templates/ships.html', '<p>3</p>\n'),
  ),
  change('An embedded table of a library', replace('internal/rates/rates.csv', '120', '125')),
  change('A note beside the code', append('services/api/notes.txt', 'At noon.\n')),
  change(
    'A golden file that a test reads',
    replace('services/reports/internal/layout/testdata/golden.txt', 'ship', 'boat'),
  ),
  change(
    'A file in testdata that nobody reads',
    append('services/reports/internal/layout/testdata/old.txt', 'still\n'),
  ),
  change(
    'A table that a test reads, not in testdata',
    replace('internal/table/fixtures/table.json', '80', '72'),
  ),
  change('A file far away that a test reads', write('deploy/policies/limits.json', '{}\n')),
  change(
    'A value of a chart',
    replace('services/api/chart/values.yaml', 'replicas: 2', 'replicas: 3'),
  ),
  change(
    'A value of one environment',
    replace('services/billing/chart/values-staging.yaml', 'replicas: 1', 'replicas: 2'),
  ),
  change(
    'A template of the chart that others depend on',
    replace('charts/common/templates/_labels.tpl', 'app: x', 'app: y'),
  ),
  change('The README of a chart', append('services/api/chart/README.md', '\nMore.\n')),
  change('A Dockerfile', replace('services/mailer/Dockerfile', 'FROM scratch', 'FROM busybox')),
  change('The README', append('README.md', '\nMore.\n')),
  change('A page of documentation with an example', append('docs/design.md', '\n    go run .\n')),
  change(
    'A workflow and its owners',
    append('.github/workflows/ci.yml', 'permissions: {}\n'),
    append('.github/CODEOWNERS', 'docs @acme/docs\n'),
  ),
  change(
    'The Makefile, a script and a linter’s rules',
    append('Makefile', '\nlint:\n'),
    append('scripts/seed.sh', 'echo more\n'),
    append('.golangci.yml', 'linters: {}\n'),
  ),
  change('A comment in slipway.yml', append('slipway.yml', '# Services are folders.\n')),
  change('A slipway.yml of one service', write('services/gateway/slipway.yml', 'name: gateway\n')),
  change('The version of Go for people’s machines', write('.go-version', '1.26.8\n')),
  change(
    'A new service',
    write(
      'services/tides/main.go',
      goFile(
        'main',
        ['example.com/harbour/internal/rates'],
        'func main() { println(rates.Table()) }',
      ),
    ),
  ),
  change('A service is given up', remove('services/gateway')),
  change(
    'A service is renamed',
    move('services/rates', 'services/prices'),
    append('README.md', '\nPrices.\n'),
  ),
  change(
    'A library is given up together with its only service',
    remove('services/worker'),
    remove('internal/queue'),
  ),
  change(
    'Documentation, a library and its test in one commit',
    append('docs/design.md', '\nMoney.\n'),
    rename('"owed"', '"due"'),
  ),
];
