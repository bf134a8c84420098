import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { runChild } from '../child.ts';
import { root } from '../manifest.ts';
import { bundledPackages } from './bundled-packages.ts';
import { lackingLicences, licenceFile } from './licences.ts';

/**
 * ncc keeps compiled code of itself in node_modules and writes it anew at every exit; V8 aborts
 * (`Check failed: current == end_slot_index`) on what two processes wrote at once. With this property
 * set, ncc neither reads nor writes it (see its dist/ncc/index.js).
 */
const withoutCodeCache = ['--import', 'data:text/javascript,process.pkg=true'];

/** What a package's own folder says of its licence, in ncc's form: package, licence's name, text. */
function licenceOf(name: string, from: string): string {
  const folder = path.join(from, 'node_modules', name);
  const { license = '' } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as {
    license?: string;
  };
  const file = readdirSync(folder).find((entry) => /^(?:licen[cs]e|copying)/i.test(entry));
  const text = file === undefined ? '' : readFileSync(path.join(folder, file), 'utf8');
  return `${name}\n${license}\n${text.trimEnd()}\n`;
}

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
  const scratch = mkdtempSync(path.join(os.tmpdir(), 'slipway-bundle-'));
  const stats = statsFile ?? path.join(scratch, 'stats.json');
  try {
    await build(name, outDir, { from, stats });
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

async function build(
  name: string,
  outDir: string,
  { from, stats }: { from: string; stats: string },
): Promise<void> {
  // The checkout's own ncc: module numbers come from paths, those of ncc's loaders among them, so a
  // bundle is the same in every folder only when all of them lie under it.
  const ncc = createRequire(path.join(from, 'package.json')).resolve('@vercel/ncc/dist/ncc/cli.js');
  const entry = path.join(from, 'actions', name, 'src', 'index.ts');
  const args = [
    ...[ncc, 'build', entry, '--minify', '--no-cache', '--out', outDir, '--license', licenceFile],
    ...['--stats-out', stats],
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
  const licences = path.join(outDir, licenceFile);
  const text = readFileSync(licences, 'utf8');
  // ncc leaves some out whose code it has, those of modules that it joins into one among them.
  const lacking = lackingLicences(text.replaceAll('\r\n', '\n'), bundledPackages(stats));
  const all = [text.trimEnd(), ...lacking.map((each) => `\n${licenceOf(each, from)}`.trimEnd())];
  // Some packages bring theirs with CR LF, which git would change and `check` then find different.
  writeFileSync(licences, `${all.join('\n')}\n`.replaceAll('\r\n', '\n'));
}
