import * as fs from 'node:fs/promises';
import path from 'node:path';
import type { Exec } from '@slipway/exec';
import type { MainPackage } from './main-package.ts';
import type { BuildUnit } from './plan.ts';

/** A package and the bytes that its functions and data take in a program. */
export interface PackageSize {
  name: string;
  bytes: number;
}

/** The package of a symbol; undefined for what the linker makes of all, such as tables. */
function packageOf(symbol: string): string | undefined {
  const plain = symbol.replace(/^type:\.?(?:eq|hash)\./, '').replace(/^go:itab\./, '');
  if (/^(?:type:|go:|runtime\.(?:pclntab|etypes|findfunctab))/.test(plain)) return undefined;
  // Type arguments may have slashes and dots of other packages in them.
  const head = plain.replace(/[[({*].*$/s, '');
  const from = head.lastIndexOf('/') + 1;
  const dot = head.indexOf('.', from);
  if (dot <= 0) return undefined;
  // In the last part of a path a dot is escaped (cmd/internal/objabi: PathToPrefix).
  return head.slice(0, dot).replaceAll('%2e', '.');
}

/** Adds up the lines of `go tool nm -size`, the largest package first. */
export function sumPackages(text: string): PackageSize[] {
  const sums = new Map<string, number>();
  for (const line of text.split('\n')) {
    const [, size = '', kind = '', symbol = ''] =
      /^\s*[0-9a-f]*\s+(\d+)\s+(\S)\s+(.+)$/.exec(line) ?? [];
    // Zeroed data (B) takes no room in a file.
    const name = kind.toUpperCase() === 'B' ? undefined : packageOf(symbol);
    if (name !== undefined) sums.set(name, (sums.get(name) ?? 0) + Number(size));
  }
  return [...sums]
    .map(([name, bytes]) => ({ name, bytes }))
    .sort((a, b) => b.bytes - a.bytes || (a.name < b.name ? -1 : 1));
}

/**
 * How much each package takes of a program: links it once more, with the symbols that `-s` takes out, and
 * reads those with `go tool nm`. What is compiled is in the build cache by then.
 */
export async function packageSizes(
  exec: Exec,
  options: {
    dir: string;
    unit: BuildUnit;
    main: MainPackage;
    /** Gets the program and is emptied of it again. */
    scratch: string;
    env: Readonly<Record<string, string>>;
    signal: AbortSignal;
  },
): Promise<PackageSize[]> {
  const { dir, unit, main, scratch, signal } = options;
  const args = unit.args.map((arg) => arg.replace(/^(-ldflags=(?:[^ =]+=)?)-s -w ?/, '$1'));
  const folder = await fs.mkdtemp(path.join(scratch, 'sizes-'));
  const program = path.join(folder, 'program');
  try {
    const addEnv = { ...options.env, ...unit.env };
    await exec('go', ['build', ...args, '-o', program, '--', ...main.sources], {
      cwd: dir,
      addEnv,
      signal,
    });
    const { stdout } = await exec('go', ['tool', 'nm', '-size', program], {
      cwd: dir,
      signal,
      maxStdoutBytes: 256 * 1024 * 1024,
    });
    return sumPackages(stdout);
  } finally {
    await fs.rm(folder, { recursive: true, force: true });
  }
}
