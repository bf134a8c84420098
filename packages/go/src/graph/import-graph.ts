import path from 'node:path';
import type { Exec } from '@slipway/exec';

/** One package of the repository, with what it needs under any of the targets. */
export interface GraphPackage {
  importPath: string;
  /** Relative to the repository's root, with `/`; the root itself is the empty string. */
  folder: string;
  imports: ReadonlySet<string>;
  testImports: ReadonlySet<string>;
  /** Patterns of `//go:embed`, relative to the folder. */
  embeds: ReadonlySet<string>;
}

/** A module whose go.mod lies in the repository. */
export interface GraphModule {
  path: string;
  folder: string;
}

/** Who imports whom among the packages of a repository. Imports from elsewhere are edges into nothing. */
export interface ImportGraph {
  packages: ReadonlyMap<string, GraphPackage>;
  modules: readonly GraphModule[];
}

interface ListedPackage {
  ImportPath?: string;
  Dir?: string;
  Module?: { Path?: string; Dir?: string };
  Imports?: string[];
  TestImports?: string[];
  XTestImports?: string[];
  EmbedPatterns?: string[];
  TestEmbedPatterns?: string[];
  XTestEmbedPatterns?: string[];
}

const fields =
  'ImportPath,Dir,Module,Imports,TestImports,XTestImports,EmbedPatterns,TestEmbedPatterns,XTestEmbedPatterns';

/** What is read, and how. */
export interface GraphQuestion {
  /** Absolute path of the repository, links resolved. */
  root: string;
  /** Folders with a go.mod, relative to the root. */
  moduleFolders: readonly string[];
  /** `GOOS/GOARCH` of everything that is built: constraints can hide an import from all but one. */
  targets: readonly string[];
}

/**
 * Reads the import graph with `go list`, once per module and target and with cgo on and off. No
 * dependency is downloaded: `-e` lists imports that cannot be resolved too, and the proxy is off.
 * Throws ExecError when go cannot list a module at all.
 */
export async function readImportGraph(exec: Exec, question: GraphQuestion): Promise<ImportGraph> {
  const packages = new Map<string, MutablePackage>();
  const modules = new Map<string, GraphModule>();
  for (const moduleFolder of question.moduleFolders)
    for (const addEnv of listEnvironments(question.targets)) {
      const { stdout } = await exec(
        'go',
        ['list', '-e', '-mod=readonly', `-json=${fields}`, './...'],
        {
          cwd: path.join(question.root, moduleFolder),
          timeoutMs: 120_000,
          // Workspaces matter for resolving imports only, and a module outside of go.work is listed too.
          addEnv: { GOPROXY: 'off', GOSUMDB: 'off', GOWORK: 'off', ...addEnv },
        },
      );
      for (const listed of concatenatedJson(stdout) as ListedPackage[]) {
        addPackage(packages, listed, question.root);
        const modulePath = listed.Module?.Path;
        const moduleDir = folderIn(question.root, listed.Module?.Dir);
        if (modulePath !== undefined && moduleDir !== undefined)
          modules.set(modulePath, { path: modulePath, folder: moduleDir });
      }
    }
  return { packages, modules: [...modules.values()] };
}

interface MutablePackage extends GraphPackage {
  imports: Set<string>;
  testImports: Set<string>;
  embeds: Set<string>;
}

function listEnvironments(targets: readonly string[]): readonly Record<string, string>[] {
  const platforms = [...new Set(targets.map((target) => target.split('/').slice(0, 2).join('/')))];
  return [
    { CGO_ENABLED: '1' },
    ...platforms.map((platform) => {
      const [GOOS = '', GOARCH = ''] = platform.split('/');
      return { CGO_ENABLED: '0', GOOS, GOARCH };
    }),
  ];
}

function addPackage(
  packages: Map<string, MutablePackage>,
  listed: ListedPackage,
  root: string,
): void {
  const folder = folderIn(root, listed.Dir);
  if (folder === undefined || listed.ImportPath === undefined) return;
  const known = packages.get(listed.ImportPath) ?? {
    importPath: listed.ImportPath,
    folder,
    imports: new Set<string>(),
    testImports: new Set<string>(),
    embeds: new Set<string>(),
  };
  packages.set(listed.ImportPath, known);
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

/** The values of `go list -json`: objects one after the other, indented, each closed by a `}` line. */
function concatenatedJson(text: string): unknown[] {
  const inner = text.trim().replace(/^\}\r?\n\{$/gm, '},{');
  return JSON.parse(`[${inner}]`) as unknown[];
}

/** Folders with a go.mod that the go command would build from, among the repository's files. */
export function moduleFolders(files: readonly string[]): readonly string[] {
  return files
    .filter((file) => file === 'go.mod' || file.endsWith('/go.mod'))
    .map((file) => file.slice(0, -'go.mod'.length).replace(/\/$/, ''))
    .filter((folder) => !/(?:^|\/)(?:[._][^/]*|testdata|vendor|node_modules)(?:\/|$)/.test(folder));
}
