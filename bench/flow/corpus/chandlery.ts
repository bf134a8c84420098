import type { SampleRepository } from './repository.ts';
import { goFile } from './sources.ts';

/** One module with its dependencies in `vendor`. */
export const chandlery: SampleRepository = {
  name: 'chandlery',
  files: new Map([
    [
      'go.mod',
      'module example.com/chandlery\n\ngo 1.25\n\nrequire (\n\tkit.example.org/clock v1.0.0\n\tkit.example.org/post v1.0.0\n)\n',
    ],
    [
      'vendor/modules.txt',
      '# kit.example.org/clock v1.0.0\n## explicit; go 1.25\nkit.example.org/clock\n# kit.example.org/post v1.0.0\n## explicit; go 1.25\nkit.example.org/post\n',
    ],
    [
      'vendor/kit.example.org/clock/clock.go',
      'package clock\n\nfunc Now() string { return "noon" }\n',
    ],
    [
      'vendor/kit.example.org/post/post.go',
      'package post\n\nfunc Send(to string) string { return "post to " + to }\n',
    ],
    ['vendor/kit.example.org/post/LICENSE', 'Free.\n'],
    [
      'services/bell/main.go',
      goFile('main', ['kit.example.org/clock'], 'func main() { println(clock.Now()) }'),
    ],
    [
      'services/courier/main.go',
      goFile('main', ['kit.example.org/post'], 'func main() { println(post.Send("ship")) }'),
    ],
    ['services/rope/main.go', goFile('main', [], 'func main() { println("rope") }')],
  ]),
  sharedPaths: [],
  libraries: [],
  dependencies: { bell: [], courier: [], rope: [] },
};
