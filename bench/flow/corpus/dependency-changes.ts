import { append, remove, replace, write } from './edit.ts';
import type { Change, Edit } from './repository.ts';
import { goFile } from './sources.ts';

const changeOf =
  (repository: string) =>
  (name: string, ...edits: readonly Edit[]): Change => ({ name, repository, edits });
const change = changeOf('harbour');
const vendored = changeOf('chandlery');

/** Edits of go.mod and of `vendor`. */
export const dependencyChanges: readonly Change[] = [
  change('A dependency is bumped', replace('go.mod', 'post v1.0.0', 'post v1.1.0')),
  change('A dependency of a dependency is bumped', replace('go.mod', 'stem v1.0.0', 'stem v1.1.0')),
  change(
    'A dependency of tests alone is bumped',
    replace('go.mod', 'check v1.0.0', 'check v1.1.0'),
  ),
  change('A dependency of the tool is bumped', replace('go.mod', 'lint v1.0.0', 'lint v1.1.0')),
  change('The go line is raised', replace('go.mod', 'go 1.25\n', 'go 1.26\n')),
  change('A comment in go.mod', append('go.mod', '\n// Kept small.\n')),
  change(
    'A new dependency, and the service that uses it',
    replace(
      'go.mod',
      '\tkit.example.org/index',
      '\tkit.example.org/clock v1.0.0\n\tkit.example.org/index',
    ),
    replace(
      'services/gateway/main.go',
      '\t"example.com/harbour/internal/gen"',
      '\t"example.com/harbour/internal/gen"\n\t_ "kit.example.org/clock"',
    ),
  ),
  change(
    'A dependency is replaced by a folder',
    append('go.mod', '\nreplace kit.example.org/post => ./third_party/post\n'),
    write('third_party/post/go.mod', 'module kit.example.org/post\n\ngo 1.25\n'),
    write(
      'third_party/post/post.go',
      goFile('post', [], 'func Send(to string) string { return "ours: " + to }'),
    ),
  ),
  vendored(
    'A vendored source is patched',
    replace('vendor/kit.example.org/post/post.go', '"post to "', '"mail to "'),
  ),
  vendored(
    'A vendored dependency is bumped',
    replace('go.mod', 'post v1.0.0', 'post v1.1.0'),
    replace('vendor/modules.txt', 'post v1.0.0', 'post v1.1.0'),
    replace('vendor/kit.example.org/post/post.go', '"post to "', '"send to "'),
  ),
  vendored(
    'The licence of a vendored dependency',
    append('vendor/kit.example.org/post/LICENSE', 'Really.\n'),
  ),
  vendored(
    'A vendored dependency is dropped with its only use',
    replace('go.mod', '\tkit.example.org/clock v1.0.0\n', ''),
    replace(
      'vendor/modules.txt',
      '# kit.example.org/clock v1.0.0\n## explicit; go 1.25\nkit.example.org/clock\n',
      '',
    ),
    remove('vendor/kit.example.org/clock'),
    write('services/bell/main.go', goFile('main', [], 'func main() { println("noon") }')),
  ),
];
