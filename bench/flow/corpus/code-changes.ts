import { append, move, remove, rename, replace, write } from './edit.ts';
import type { Change, Edit } from './repository.ts';
import { goFile, testFile } from './sources.ts';

const change = (name: string, ...edits: readonly Edit[]): Change => ({
  name,
  repository: 'harbour',
  edits,
});
const money = 'internal/money/money.go';

/** Edits of Go sources in one module. */
export const codeChanges: readonly Change[] = [
  change('A library says something else', replace(money, '"paid"', '"settled"')),
  change(
    'A library below another library is changed',
    replace('internal/text/text.go', '"* "', '"# "'),
    replace('internal/text/text_test.go', '"* a"', '"# a"'),
  ),
  change(
    'A service is changed',
    replace('services/worker/main.go', 'println(', 'println("worker", '),
  ),
  change('A comment at the end of a library', append(money, '\n// The end.\n')),
  change(
    'A comment at the head of a library, which moves its lines',
    replace(money, '// Cents', '// Money is counted.\n//\n// Cents'),
  ),
  change(
    'A function that nobody calls, at the end of a library',
    append(money, '\nfunc Double(amount Cents) Cents { return 2 * amount }\n'),
  ),
  change('Blanks in a line of a library', replace(money, 'type Cents int', 'type Cents  int')),
  change(
    'A test of a library is written otherwise',
    replace('internal/money/money_test.go', 'Show(-1)', 'Show(-2)'),
  ),
  change('A library breaks its own test', replace('internal/text/text.go', '"* "', '"- "')),
  change(
    'A test is added to a service',
    write('services/rates/rates_test.go', testFile('main', 'TestOne', 'true')),
  ),
  change(
    'What only tests import makes one fail',
    replace('internal/testkit/testkit.go', '"paid"', '"owed"'),
  ),
  change(
    'A file for Windows',
    replace('internal/queue/queue_windows.go', '"windows"', '"Windows"'),
  ),
  change('A file for Linux', replace('internal/queue/queue_linux.go', '"linux"', '"Linux"')),
  change(
    'A file behind a build tag that nobody sets',
    replace('internal/queue/chaos.go', 'at random', 'by chance'),
  ),
  {
    ...change(
      'slipway.yml sets a build tag for one service',
      write('slipway.yml', 'services:\n  services/*: {}\n  services/worker:\n    tags: [chaos]\n'),
    ),
    tags: { worker: 'chaos' },
  },
  change(
    'A package that nobody imports yet',
    write('internal/tide/tide.go', goFile('tide', [], 'const Hours = 6')),
  ),
  change(
    'A service imports one more library',
    replace(
      'services/api/main.go',
      '"example.com/harbour/internal/money"',
      '"example.com/harbour/internal/money"\n\t_ "example.com/harbour/internal/rates"',
    ),
  ),
  change(
    'A library is imported by one more service and changed, in one commit',
    replace(
      'services/worker/main.go',
      '"example.com/harbour/internal/queue"',
      '"example.com/harbour/internal/queue"\n\t"example.com/harbour/internal/rates"',
    ),
    replace('services/worker/main.go', 'queue.Name()', 'queue.Name(), rates.Table()'),
    replace('internal/rates/rates.csv', '120', '130'),
  ),
  change('A package that nobody imports is removed', remove('internal/unused')),
  change('A file of a library is renamed', move('internal/text/text.go', 'internal/text/title.go')),
  change(
    'A library moves to another folder',
    move('internal/text', 'internal/words'),
    rename('harbour/internal/text"', 'harbour/internal/words"'),
    rename('package text', 'package words'),
    rename('text.Title', 'words.Title'),
  ),
  change(
    'A library’s function is renamed, and one caller is forgotten',
    rename('func Header', 'func Heading'),
    replace('services/api/main.go', 'httpkit.Header', 'httpkit.Heading'),
  ),
  change(
    'Generated code and what it is made from',
    replace('internal/gen/routes.json', '"/berths"', '"/berths", "/tides"'),
    replace('internal/gen/routes.go', '"/berths"', '"/berths", "/tides"'),
  ),
  change('What code is generated from, and not the code', append('internal/gen/routes.json', '\n')),
  change('The tool of the repository', replace('tools/lint/main.go', 'println(', 'println("ok", ')),
];
