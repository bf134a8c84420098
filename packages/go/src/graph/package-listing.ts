import path from 'node:path';
import type { Exec } from '@slipway/exec';
import { jsonStream } from './go-list-stream.ts';

/** One package of a repository as far as its sources tell, over all that is built of it. */
export interface SourcePackage {
  /** Relative to the repository's root, with `/`; the root itself is the empty string. */
  folder: string;
  /** Whether it is a program under any of the builds. */
  isMain: boolean;
  /**
   * The sets of build tags, see `tagSetName`, with which it has Go files for the machine that runs this, which is
   * where tests run.
   */
  testableWith: ReadonlySet<string>;
  imports: ReadonlySet<string>;
  testImports: ReadonlySet<string>;
  /** Patterns of `//go:embed`, relative to the folder. */
  embeds: ReadonlySet<string>;
}

/** What a repository is built for: constraints can hide a file from all builds but one. */
export interface SourceBuild {
  /** `GOOS/GOARCH`. */
  targets: readonly string[];
  /** Build tags. */
  tags: readonly string[];
}

interface Listed {
  Dir?: string;
  Name?: string;
  GoFiles?: string[];
  CgoFiles?: string[];
  Imports?: string[];
  TestImports?: string[];
  XTestImports?: string[];
  EmbedPatterns?: string[];
  TestEmbedPatterns?: string[];
  XTestEmbedPatterns?: string[];
}

/** A name for a set of build tags; that of none is empty. */
export function tagSetName(tags: readonly string[]): string {
  return [...new Set(tags)].sort().join(',');
}

interface MutablePackage extends SourcePackage {
  testableWith: Set<string>;
  imports: Set<string>;
  testImports: Set<string>;
  embeds: Set<string>;
}

/** One run of `go list`. */
interface ListRun {
  env: Readonly<Record<string, string>>;
  tags: readonly string[];
  /** The set of build tags that tests on this machine can have by it. */
  tests?: string;
}

const fields =
  'Dir,Name,GoFiles,CgoFiles,Imports,TestImports,XTestImports,EmbedPatterns,TestEmbedPatterns,XTestEmbedPatterns';
const timeoutMs = 120_000;
/** Each loads what it needs of the standard library, and a runner has two cores at least. */
const atOnce = 2;

/**
 * All packages below `root`, or those of `pattern`, by folder, through `go list` once for each build, with cgo on and off. Modules are
 * off (GO111MODULE=off): sources are read by their build constraints alone, so one call covers any
 * number of modules, none has to resolve, no version of Go is asked for and nothing is downloaded.
 * Throws ExecError when the go command cannot do that.
 */
export async function listSources(
  exec: Exec,
  root: string,
  builds: readonly SourceBuild[],
  pattern = './...',
): Promise<ReadonlyMap<string, SourcePackage>> {
  const runs = listRuns(builds, await readOwnBuild(exec, root));
  const packages = new Map<string, MutablePackage>();
  const lane = async (): Promise<void> => {
    for (let run = runs.pop(); run !== undefined; run = runs.pop()) {
      const { stdout } = await exec('go', listArguments(run, pattern), {
        cwd: root,
        timeoutMs,
        maxStdoutBytes: 512 * 1024 * 1024,
        addEnv: sourceEnvironment(root, run),
      });
      for (const listed of jsonStream(stdout) as Listed[])
        addPackage(packages, root, { listed, tests: run.tests });
    }
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  return packages;
}

function listArguments({ tags }: ListRun, pattern: string): readonly string[] {
  return [
    'list',
    '-e',
    ...(tags.length === 0 ? [] : [`-tags=${tags.join(',')}`]),
    `-json=${fields}`,
    pattern,
  ];
}

function sourceEnvironment(root: string, { env }: ListRun): Readonly<Record<string, string>> {
  return {
    ...env,
    GO111MODULE: 'off',
    // Not there on purpose: what is imported from elsewhere is an edge into nothing.
    GOPATH: path.join(root, '.slipway-no-gopath'),
    GOTOOLCHAIN: 'local',
    GOENV: 'off',
    // Flags such as -mod would be refused; tags are taken out of them.
    GOFLAGS: '',
  };
}

/** What the go command builds for when nothing is said. */
interface OwnBuild {
  /** Build tags that the job gives every build. */
  tags: readonly string[];
  GOOS: string;
  GOARCH: string;
}

async function readOwnBuild(exec: Exec, root: string): Promise<OwnBuild> {
  const { stdout } = await exec('go', ['env', 'GOOS', 'GOARCH', 'GOFLAGS'], {
    cwd: root,
    timeoutMs,
    addEnv: { GOTOOLCHAIN: 'local' },
  });
  const [GOOS = '', GOARCH = '', flags = ''] = stdout.split('\n');
  const [, tags = ''] = /(?:^|\s)['"]?--?tags=([\p{L}\p{N}_.,]+)/u.exec(flags) ?? [];
  return { tags: tags.split(',').filter((tag) => tag !== ''), GOOS, GOARCH };
}

/** The runs, without those that would be told twice. */
function listRuns(builds: readonly SourceBuild[], own: OwnBuild): ListRun[] {
  const runs = new Map<string, ListRun>();
  const add = (run: ListRun): void => {
    const key = JSON.stringify([run.env, run.tags]);
    // The first of a kind stays: those that tell what can be tested are added first.
    if (!runs.has(key)) runs.set(key, run);
  };
  const { GOOS: ownOs, GOARCH: ownArch } = own;
  const everywhere = [...new Set(own.tags)].sort();
  const here = { GOOS: ownOs, GOARCH: ownArch, CGO_ENABLED: '1' };
  const tagsOf = (build: SourceBuild): readonly string[] =>
    [...new Set([...everywhere, ...build.tags])].sort();
  add({ env: here, tags: everywhere, tests: '' });
  for (const build of builds)
    add({ env: here, tags: tagsOf(build), tests: tagSetName(build.tags) });
  for (const build of builds) {
    const tags = tagsOf(build);
    for (const target of build.targets) {
      const [GOOS = '', GOARCH = ''] = target.split('/');
      for (const CGO_ENABLED of ['0', '1']) add({ env: { GOOS, GOARCH, CGO_ENABLED }, tags });
    }
  }
  return [...runs.values()];
}

function addPackage(
  packages: Map<string, MutablePackage>,
  root: string,
  { listed, tests }: { listed: Listed; tests: string | undefined },
): void {
  const folder = folderIn(root, listed.Dir);
  if (folder === undefined) return;
  const known = packages.get(folder) ?? {
    folder,
    isMain: false,
    testableWith: new Set<string>(),
    imports: new Set<string>(),
    testImports: new Set<string>(),
    embeds: new Set<string>(),
  };
  const { GoFiles = [], CgoFiles = [] } = listed;
  known.isMain ||= listed.Name === 'main' && GoFiles.length + CgoFiles.length > 0;
  if (tests !== undefined) known.testableWith.add(tests);
  packages.set(folder, known);
  for (const name of listed.Imports ?? []) known.imports.add(name);
  for (const name of [...(listed.TestImports ?? []), ...(listed.XTestImports ?? [])])
    known.testImports.add(name);
  for (const pattern of [
    ...(listed.EmbedPatterns ?? []),
    ...(listed.TestEmbedPatterns ?? []),
    ...(listed.XTestEmbedPatterns ?? []),
  ])
    known.embeds.add(pattern.replace(/^all:/, ''));
}

function folderIn(root: string, dir: string | undefined): string | undefined {
  if (dir === undefined) return undefined;
  const relative = path.relative(root, dir);
  if (relative === '..' || relative.startsWith(`..${path.sep}`) || path.isAbsolute(relative))
    return undefined;
  return relative.split(path.sep).join('/');
}
