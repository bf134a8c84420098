import type { ModuleTests, ModuleTree, RepositoryModule } from '@slipway/go';
import { InputError } from '@slipway/runtime';
import { modulePlace } from './service/index.ts';
import { maxMatrixJobs } from './matrix.ts';
import type { TaggedTests } from './tagged-tests.ts';

/** One job of the matrix of tests; every value is a text. */
export interface TestEntry {
  /** The folder to test in: that of a module, or of the go.work for several; `.` for the root. */
  module: string;
  /** Tells the jobs of one matrix apart. */
  label: string;
  /** Package patterns relative to `module`, each on a line of its own. */
  packages: string;
  'go-version-file': string;
  /** What GOWORK has to be: `off`, or empty. */
  'go-work': string;
  /** Build tags, each on a line of its own. */
  tags: string;
}

/**
 * One entry for each module, and one more for each further set of build tags in it. When they are more than a matrix holds, modules of one workspace share
 * entries; throws InputError when even that leaves too many.
 */
export function testEntries(
  modules: ModuleTree,
  tests: readonly TaggedTests[],
): readonly TestEntry[] {
  const placed = placedTests(modules, tests);
  if (placed.length <= maxMatrixJobs) return withLabels(placed.map((each) => moduleEntry(each)));
  const alone = placed.filter(({ module }) => module.workspace === undefined);
  const workspaces = new Map<string, PlacedTests[]>();
  for (const each of placed) {
    const { workspace } = each.module;
    if (workspace === undefined) continue;
    // One go test has one set of build tags.
    const shares = JSON.stringify([workspace, each.tags]);
    workspaces.set(shares, [...(workspaces.get(shares) ?? []), each]);
  }
  const room = maxMatrixJobs - alone.length - workspaces.size;
  if (room < 0)
    throw new InputError(
      `${placed.length} modules have something to test, more than the ${maxMatrixJobs} jobs that one matrix holds.`,
      {
        next: 'Put the modules into a go.work ("go work use -r ."): those of a workspace share jobs.',
      },
    );
  const shared = placed.length - alone.length;
  const size = Math.ceil(shared / (room + 1));
  return withLabels([
    ...alone.map((each) => moduleEntry(each)),
    ...[...workspaces.values()].flatMap((each) => workspaceEntries(each, size)),
  ]);
}

/**
 * The same as patterns relative to the root, for one `go test` there: of the root's module, and of those
 * that the root's go.work uses. What another module holds cannot be named so.
 */
export function rootPatterns(
  modules: ModuleTree,
  tests: readonly ModuleTests[],
): readonly string[] {
  const untagged = tests.map(({ module, patterns }) => ({ module, patterns, tags: [] }));
  return placedTests(modules, untagged)
    .filter(({ module }) => module.workspace === '' || (module.folder === '' && !module.leftOut))
    .flatMap(({ module, patterns }) => patterns.map((each) => inFolder(module.folder, each)));
}

/**
 * The entry of packages that somebody named, as patterns in the root's module: what the plan found is
 * not asked.
 */
export function namedTestEntry(
  modules: ModuleTree,
  { patterns, tags }: { patterns: readonly string[]; tags: readonly string[] },
): TestEntry {
  const root = modules.modules.find(({ folder }) => folder === '');
  const isWorkspace = modules.modules.some(({ workspace }) => workspace === '');
  const place = root === undefined ? undefined : modulePlace(root);
  return {
    module: '.',
    label: 'root',
    packages: lines(patterns),
    'go-version-file': place?.goVersionFile ?? (isWorkspace ? 'go.work' : 'go.mod'),
    'go-work': place?.goWork ?? '',
    tags: tags.join('\n'),
  };
}

interface PlacedTests {
  module: RepositoryModule;
  patterns: readonly string[];
  tags: readonly string[];
  ofSome?: boolean;
}

function placedTests(
  modules: ModuleTree,
  tests: readonly (ModuleTests & Pick<PlacedTests, 'tags' | 'ofSome'>)[],
): readonly PlacedTests[] {
  return tests.flatMap(({ module: folder, patterns, tags, ofSome = false }) => {
    const module = modules.modules.find((each) => each.folder === folder);
    return module === undefined ? [] : [{ module, patterns, tags, ofSome }];
  });
}

/** What tells the tests of some services from those of their module. */
function suffix({ tags, ofSome = false }: PlacedTests): string {
  return ofSome ? `-${tags.join('-') || 'untagged'}` : '';
}

function moduleEntry(tests: PlacedTests): TestEntry {
  const { module, patterns, tags } = tests;
  const place = modulePlace(module);
  return {
    module: place.workingDirectory,
    label: (module.folder === '' ? 'root' : module.folder) + suffix(tests),
    packages: lines(patterns),
    'go-version-file': place.goVersionFile,
    'go-work': place.goWork,
    tags: tags.join('\n'),
  };
}

/** Entries of tests of one workspace that have the same tags. */
function workspaceEntries(tests: readonly PlacedTests[], size: number): readonly TestEntry[] {
  const workspace = tests[0]?.module.workspace ?? '';
  return Array.from({ length: Math.ceil(tests.length / size) }, (_, index) => {
    const part = tests.slice(index * size, (index + 1) * size);
    const first = part[0]?.module.folder ?? '';
    const others = part.length - 1;
    return {
      module: workspace || '.',
      label: others === 0 ? first || 'root' : `${first || 'root'}-and-${others}-more`,
      packages: lines(
        part.flatMap(({ module, patterns }) => {
          const inside =
            workspace === '' ? module.folder : module.folder.slice(workspace.length + 1);
          return patterns.map((each) => inFolder(inside, each));
        }),
      ),
      'go-version-file': workspace === '' ? 'go.work' : `${workspace}/go.work`,
      'go-work': '',
      tags: tests[0]?.tags.join('\n') ?? '',
    };
  });
}

/** `./...` and `.` of a folder, seen from the folder around it. */
function inFolder(folder: string, pattern: string): string {
  if (folder === '') return pattern;
  return pattern === '.' ? `./${folder}` : `./${folder}/${pattern.slice(2)}`;
}

function lines(patterns: readonly string[]): string {
  return patterns.map((pattern) => `${pattern}\n`).join('');
}

/** Labels of letters, digits, `-`, `_` and `.`, no two the same. */
function withLabels(entries: readonly TestEntry[]): readonly TestEntry[] {
  const taken = new Set<string>();
  return entries.map((entry) => {
    const base = entry.label.replace(/[^A-Za-z0-9._-]+/g, '-').replace(/^[-.]+|[-.]+$/g, '');
    const bare = (base === '' ? 'module' : base).slice(0, 80);
    let label = bare;
    for (let number = 2; taken.has(label); number += 1) label = `${bare}-${number}`;
    taken.add(label);
    return {
      module: entry.module,
      label,
      packages: entry.packages,
      'go-version-file': entry['go-version-file'],
      'go-work': entry['go-work'],
      tags: entry.tags,
    };
  });
}
