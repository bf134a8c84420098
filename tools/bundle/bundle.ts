import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { runChild } from '../child.ts';
import { root } from '../manifest.ts';
import { licenceFile } from './licences.ts';

/**
 * ncc keeps compiled code of itself in node_modules and writes it anew at every exit; V8 aborts
 * (`Check failed: current == end_slot_index`) on what two processes wrote at once. With this property
 * set, ncc neither reads nor writes it (see its dist/ncc/index.js).
 */
const withoutCodeCache = ['--import', 'data:text/javascript,process.pkg=true'];

/** Another checkout, and a file for the list of what a bundle is made of. */
export interface BundleOptions {
  from?: string;
  statsFile?: string;
}

/**
 * Bundles one action of the checkout at `from` (this one) into `outDir`, with the licences of what is
 * in it. Minified, which halves the bundle and with it the time Node takes to read it; no source map,
 * since ncc's needs a second file at run time. ncc checks the types of what the nearest tsconfig.json
 * includes: actions/tsconfig.json leaves tests out, so that a test that does not compile breaks no bundle.
 */
export async function bundle(
  name: string,
  outDir: string,
  { from = root, statsFile }: BundleOptions = {},
): Promise<void> {
  // The checkout's own ncc: module numbers come from paths, those of ncc's loaders among them, so a
  // bundle is the same in every folder only when all of them lie under it.
  const ncc = createRequire(path.join(from, 'package.json')).resolve('@vercel/ncc/dist/ncc/cli.js');
  const entry = path.join(from, 'actions', name, 'src', 'index.ts');
  const args = [
    ...[ncc, 'build', entry, '--minify', '--no-cache', '--out', outDir, '--license', licenceFile],
    ...(statsFile === undefined ? [] : ['--stats-out', statsFile]),
  ];
  const { exitCode, output } = await runChild(
    process.execPath,
    [...withoutCodeCache, ...args],
    from,
  );
  if (exitCode !== 0) throw new Error(`${name} could not be bundled:\n${output.slice(0, 4000)}`);
  // What ncc puts for a package that it did not find; it fails only when the bundle runs (vercel/ncc#892).
  if (readFileSync(path.join(outDir, 'index.js'), 'utf8').includes('eval("require")'))
    throw new Error(`${name}: a package was not found while bundling; is npm ci still at work?`);
  // Some packages bring theirs with CR LF, which git would change and `check` then find different.
  const licences = path.join(outDir, licenceFile);
  writeFileSync(licences, readFileSync(licences, 'utf8').replaceAll('\r\n', '\n'));
}
