import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { bundle } from '../bundle/bundle.ts';
import { bundledPackages } from '../bundle/bundled-packages.ts';
import { lackingLicences, licenceFile } from '../bundle/licences.ts';
import { readManifest, root } from '../manifest.ts';

function sha256(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}

/** Copies what a bundle is made of to `to`; the links in node_modules/@slipway then point into the copy. */
async function copySources(to: string): Promise<void> {
  for (const name of ['package.json', 'tsconfig.json', 'actions', 'packages', 'node_modules'])
    await cp(path.join(root, name), path.join(to, name), {
      recursive: true,
      verbatimSymlinks: true,
      filter: (source) => !/node_modules[\\/](node-(linux|darwin|win)|\.cache)/.test(source),
    });
}

/**
 * Rebuilds every bundle in another folder and compares it with the committed one. Returns what
 * differs, and packages whose code is bundled and whose licence is not, one line each.
 */
export async function staleBundles(report: (line: string) => void): Promise<string[]> {
  const scratch = await mkdtemp(path.join(os.tmpdir(), 'slipway-dist-'));
  const stale: string[] = [];
  try {
    await copySources(scratch);
    for (const { name } of readManifest()) {
      const outDir = path.join(scratch, 'dist', name);
      const statsFile = path.join(scratch, `${name}.stats.json`);
      await bundle(name, outDir, { from: scratch, statsFile });
      for (const file of readdirSync(outDir)) {
        const committed = path.join(root, 'dist', name, file);
        if (!existsSync(committed)) stale.push(`dist/${name}/${file} is missing`);
        else if (sha256(committed) !== sha256(path.join(outDir, file)))
          stale.push(`dist/${name}/${file} differs from its sources`);
      }
      const licences = readFileSync(path.join(outDir, licenceFile), 'utf8');
      for (const lacking of lackingLicences(licences, bundledPackages(statsFile)))
        stale.push(`dist/${name}/${licenceFile} has no licence of ${lacking}, whose code is in it`);
      report(`dist/${name} rebuilt`);
    }
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
  return stale;
}
