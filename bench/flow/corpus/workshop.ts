import type { SampleRepository } from './repository.ts';
import { chart, goFile, testFile } from './sources.ts';

const own = (folder: string): string => `example.com/workshop/${folder}`;

/** A go.mod of one of its modules. */
export function workshopModule(folder: string, requires: readonly string[] = []): string {
  const lines = requires.map((each) => `require ${each}\n`).join('');
  return `module ${own(folder)}\n\ngo 1.25\n${lines === '' ? '' : `\n${lines}`}`;
}

const post = 'kit.example.org/post v1.0.0';

/** Five modules in a go.work, and one beside it that belongs to nobody. */
export const workshop: SampleRepository = {
  name: 'workshop',
  files: new Map([
    [
      'go.work',
      'go 1.25\n\nuse (\n\t./libs/core\n\t./libs/wire\n\t./services/orders\n\t./services/print\n\t./services/stock\n)\n',
    ],
    ['README.md', '# Workshop\n'],
    ['libs/core/go.mod', workshopModule('libs/core')],
    ['libs/core/core.go', goFile('core', [], 'func Part() string { return "bolt" }')],
    ['libs/core/core_test.go', testFile('core', 'TestPart', 'Part() == "bolt"')],
    ['libs/core/sizes/sizes.go', goFile('sizes', [], 'func Largest() int { return 12 }')],
    ['libs/wire/go.mod', workshopModule('libs/wire')],
    [
      'libs/wire/wire.go',
      goFile('wire', ['_ "embed"'], '//go:embed schema.json\nvar Schema string'),
    ],
    ['libs/wire/schema.json', '{"version": 1}\n'],
    ['libs/wire/wire_test.go', testFile('wire', 'TestSchema', 'Schema != ""')],
    ['services/orders/go.mod', workshopModule('services/orders', [post])],
    [
      'services/orders/main.go',
      goFile(
        'main',
        [own('libs/core'), own('libs/wire'), 'kit.example.org/post'],
        'func main() { println(core.Part(), wire.Schema, post.Send("shop")) }',
      ),
    ],
    ['services/print/go.mod', workshopModule('services/print')],
    [
      'services/print/main.go',
      goFile('main', [own('libs/wire')], 'func main() { println(wire.Schema) }'),
    ],
    ['services/stock/go.mod', workshopModule('services/stock', [post])],
    [
      'services/stock/main.go',
      goFile(
        'main',
        [own('libs/core'), own('libs/core/sizes'), 'kit.example.org/post'],
        'func main() { println(core.Part(), sizes.Largest(), post.Send("stock")) }',
      ),
    ],
    [
      'services/stock/stock_test.go',
      testFile('main', 'TestSizes', 'sizes.Largest() < 20', [own('libs/core/sizes')]),
    ],
    ['tools/gen/go.mod', workshopModule('tools/gen')],
    ['tools/gen/main.go', goFile('main', [], 'func main() { println("gen") }')],
    ...Object.entries(chart('orders', false)),
    ...Object.entries(chart('stock', false)),
  ]),
  sharedPaths: [],
  libraries: ['libs'],
  dependencies: {
    orders: ['libs/core', 'libs/wire'],
    print: ['libs/wire'],
    stock: ['libs/core'],
  },
};
