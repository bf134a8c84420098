import { accessSync, constants, statSync } from 'node:fs';
import path from 'node:path';

/** What looking up a program needs to know of a machine; handed in, so Windows is judged anywhere. */
export interface ProgramLookup {
  platform: NodeJS.Platform;
  env: Readonly<Record<string, string | undefined>>;
  /** Whether this absolute path is a file that may be run. */
  isProgram(file: string): boolean;
}

/** Whether `file` is a file that this process may run. */
export function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

/** The value of a variable; Windows does not tell `Path` from `PATH`. */
function variable(lookup: ProgramLookup, name: string): string {
  if (lookup.platform !== 'win32') return lookup.env[name] ?? '';
  const found = Object.entries(lookup.env).find(([key]) => key.toUpperCase() === name);
  return found?.[1] ?? '';
}

/** What may have to be added to a name on Windows to make it that of a program. */
function windowsEndings(file: string, lookup: ProgramLookup): readonly string[] {
  const known = variable(lookup, 'PATHEXT').split(';').filter(Boolean);
  const extensions = known.length === 0 ? ['.EXE'] : known;
  return path.win32.extname(file) === '' ? extensions : ['', ...extensions];
}

/**
 * The absolute path of the program that `file` names, or undefined when there is none. A bare name is
 * looked for in the absolute folders of PATH only: never in the working folder (where Windows looks
 * first) nor in relative entries, since a checkout could hold a `helm` of its own. On Windows the
 * extensions of PATHEXT are tried. A name with a slash is taken from `cwd`.
 */
export function findProgram(file: string, cwd: string, lookup: ProgramLookup): string | undefined {
  const windows = lookup.platform === 'win32';
  const dialect = windows ? path.win32 : path.posix;
  const endings = windows ? windowsEndings(file, lookup) : [''];
  const folders = (windows ? /[/\\:]/ : /\//).test(file)
    ? [dialect.resolve(cwd, dialect.dirname(file))]
    : variable(lookup, 'PATH')
        .split(dialect.delimiter)
        .filter((folder) => dialect.isAbsolute(folder));
  const base = dialect.basename(file);
  for (const folder of folders)
    for (const ending of endings) {
      const candidate = dialect.join(folder, base + ending);
      if (lookup.isProgram(candidate)) return candidate;
    }
  return undefined;
}

/**
 * Whether Windows runs `file` through cmd.exe, whose quoting lets an argument become a command
 * (CVE-2024-27980); Node refuses to start such a file without a shell, and so do we.
 */
export function isBatchFile(file: string, platform: NodeJS.Platform): boolean {
  return platform === 'win32' && /\.(?:bat|cmd)$/i.test(file);
}
