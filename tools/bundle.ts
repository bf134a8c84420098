import { createRequire } from 'node:module';
import path from 'node:path';
import { runChild } from './child.ts';
import { root } from './manifest.ts';

/** Crashes of V8 itself, seen about once in a hundred builds: `Check failed: current == end_slot_index`. */
const crash = /^# Fatal error in/m;

/**
 * Bundles one action of the checkout at `from` into `outDir`. Minified, which halves the bundle and
 * with it the time Node takes to read it; no source map, since ncc's needs a second file at run time.
 */
export async function bundle(name: string, outDir: string, from: string = root): Promise<void> {
  const ncc = createRequire(import.meta.url).resolve('@vercel/ncc/dist/ncc/cli.js');
  const entry = path.join(from, 'actions', name, 'src', 'index.ts');
  const args = [ncc, 'build', entry, '--minify', '--no-cache', '--out', outDir];
  for (let tries = 1; ; tries += 1) {
    const { exitCode, output } = await runChild(process.execPath, args, from);
    if (exitCode === 0) return;
    if (tries < 3 && crash.test(output)) continue;
    throw new Error(`${name} could not be bundled:\n${output.slice(0, 4000)}`);
  }
}
