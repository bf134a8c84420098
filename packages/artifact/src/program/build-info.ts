import type { Exec } from '@slipway/exec';

/** A module linked into a program. */
export interface LinkedModule {
  path: string;
  version: string;
  /** `h1:…` of go.sum; absent for the main module and for replacements by a folder. */
  sum?: string;
}

/** What the Go linker wrote into a program about itself. */
export interface BuildInfo {
  goVersion: string;
  packagePath: string;
  main: LinkedModule | undefined;
  deps: readonly LinkedModule[];
  settings: Readonly<Record<string, string>>;
}

/**
 * Reads the output of `go version -m FILE…`, by file. Programs whose format `go version` does not
 * know (wasm) are absent.
 */
export function parseBuildInfo(text: string): Map<string, BuildInfo> {
  const result = new Map<string, BuildInfo>();
  const blocks = text.split(/^(?=\S)/m);
  for (const blockText of blocks) {
    const [first = '', ...lines] = blockText.split('\n');
    const head = /^(.*): (go\S+|devel .*)$/.exec(first);
    if (head === null) continue;
    const deps: LinkedModule[] = [];
    const settings: Record<string, string> = Object.create(null) as Record<string, string>;
    let main: LinkedModule | undefined;
    let packagePath = '';
    for (const line of lines) {
      const [, kind, ...fields] = line.split('\t');
      const [name = '', version = '', sum] = fields;
      const module = { path: name, version, ...(sum === undefined || sum === '' ? {} : { sum }) };
      if (kind === 'path') packagePath = name;
      else if (kind === 'mod') main = module;
      else if (kind === 'dep') deps.push(module);
      // A folder is no place that others could look the module up at; it keeps its own name.
      else if (kind === '=>' && !/^(?:\.{0,2}[\\/]|[A-Za-z]:)/.test(name))
        deps.splice(-1, 1, module);
      else if (kind === 'build') {
        const at = name.indexOf('=');
        settings[name.slice(0, at)] = name.slice(at + 1);
      }
    }
    result.set(head[1] ?? '', { goVersion: head[2] ?? '', packagePath, main, deps, settings });
  }
  return result;
}

/** The build information of programs, through `go version -m`. */
export async function readBuildInfo(
  exec: Exec,
  files: readonly string[],
  signal: AbortSignal,
): Promise<Map<string, BuildInfo>> {
  if (files.length === 0) return new Map();
  const { stdout } = await exec('go', ['version', '-m', ...files], {
    signal,
    allowExitCodes: [1],
    maxStdoutBytes: 256 * 1024 * 1024,
  });
  return parseBuildInfo(stdout);
}
