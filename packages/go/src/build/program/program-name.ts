/** Names that say what kind of program it is, not which: people call the program by its service. */
const unspeaking = new Set(['server', 'main', 'app', 'cmd']);
/** Folders that no program is called by, either. */
const passedOver = new Set([...unspeaking, 'internal', 'pkg', 'src']);

const isMajorVersion = (element: string): boolean => /^v(?:[2-9]|[1-9]\d+)$/.test(element);

/** The name that `go build` gives a program (go/src/cmd/go/internal/load: DefaultExecName). */
export function programName(importPath: string): string {
  const parts = importPath.split('/');
  const last = parts.at(-1) ?? importPath;
  return parts.length > 1 && isMajorVersion(last) ? (parts.at(-2) ?? last) : last;
}

/**
 * What people call a program that Go calls `goName`: by the nearest folder above that says which service
 * it is when it is called server, main, app or cmd, up to the module; else as Go does. A main at the
 * module's root keeps the module's name, whatever that is.
 */
export function serviceName(
  goName: string,
  { importPath, module }: { importPath: string; module: string },
): string {
  if (!unspeaking.has(goName) || !importPath.startsWith(`${module}/`)) return goName;
  const above = importPath
    .slice(module.length + 1)
    .split('/')
    .slice(0, -1)
    .reverse();
  const speaking = above.find((folder) => !passedOver.has(folder) && !isMajorVersion(folder));
  return speaking ?? programName(module);
}

/** What people call a program that is named by its files, which lie in `folder`. */
export function fileProgramName(goName: string, folder: string): string {
  return unspeaking.has(goName) ? folder : goName;
}

/** Whether a name can be that of a file everywhere. */
export function isProgramName(name: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9._+~-]*$/.test(name);
}

/** A name that the user gives: of one main, by import path or folder, or of the only one. */
export interface GivenName {
  of: string | undefined;
  name: string;
}

/** Who is to be named. */
export interface Nameable {
  goName: string;
  /** What it is called by its folders. */
  usual: string;
}

/**
 * The name of each main: as given, else as usual, unless two would then be called the same: those keep
 * the names that Go gives.
 */
export function chooseNames<T extends Nameable>(
  mains: readonly T[],
  given: (main: T) => string | undefined,
): string[] {
  const wished = mains.map((main) => given(main) ?? main.usual);
  return mains.map((main, at) => {
    const wish = wished[at] ?? main.goName;
    const isShared = wished.filter((name) => name === wish).length > 1;
    return isShared ? (given(main) ?? main.goName) : wish;
  });
}
