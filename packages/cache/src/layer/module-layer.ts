import { lstatSync } from 'node:fs';
import * as fs from 'node:fs/promises';
import path from 'node:path';
import { goPatternMatcher } from '@slipway/glob';
import type { Layer, LayerFile } from './layer.ts';

const downloadPath =
  /^cache\/download\/[^\u0000-\u001f\\:]+\/@v\/[^/\u0000-\u001f\\:]+\.(zip|mod|info)$/;

/**
 * Restored files are older than any job, so that what is not was downloaded by this one. The go command does not look
 * at the times of downloads.
 */
const restoredMtimeMs = Date.UTC(2000, 0, 1);

/**
 * GOMODCACHE, but only `cache/download`: the zips, which every operating system shares. The go command
 * unpacks from there what a build needs. `.ziphash` files stay out, so that it hashes each restored zip
 * itself and compares with go.sum: a cache entry cannot slip in other code.
 */
export function moduleLayer(folder: string): Layer {
  return {
    name: 'modules',
    folder,
    accepts: (file) => downloadPath.test(file) && !file.split('/').includes('..'),
    // The go command compares each with go.sum.
    isIntact: () => true,
    restoredMtimeMs,
  };
}

/** One line of go.sum. */
export interface SummedModule {
  module: string;
  version: string;
}

/** The modules of go.sum files whose zip or go.mod is summed. */
export function readGoSum(text: string): SummedModule[] {
  const seen = new Map<string, SummedModule>();
  for (const line of text.split('\n')) {
    const [module, version, sum] = line.trim().split(/\s+/);
    if (module === undefined || version === undefined || sum?.startsWith('h1:') !== true) continue;
    const plain = version.replace(/\/go\.mod$/, '');
    seen.set(`${module}@${plain}`, { module, version: plain });
  }
  return [...seen.values()];
}

/** Whether a pattern of GOPRIVATE covers a module: globs over its leading path elements (go help private). */
export function isPrivateModule(module: string, patterns: string): boolean {
  return patterns
    .split(',')
    .map((pattern) => pattern.trim().replace(/\/+$/, ''))
    .filter((pattern) => pattern !== '')
    .some((pattern) => {
      const matches = goPatternMatcher(pattern);
      // A malformed pattern keeps the module out of the cache rather than in.
      return matches === undefined || matches(module);
    });
}

const escaped = (text: string): string =>
  text.replace(/[A-Z]/g, (capital) => `!${capital.toLowerCase()}`);

/** The paths, of files that a download of the given modules leaves. */
export function modulePaths(modules: readonly SummedModule[]): string[] {
  return modules
    .flatMap(({ module, version }) =>
      ['info', 'mod', 'zip'].map(
        (kind) => `cache/download/${escaped(module)}/@v/${escaped(version)}.${kind}`,
      ),
    )
    .filter((file) => downloadPath.test(file) && !file.split('/').includes('..'));
}

/** Those of `paths` that are there. Synchronous: a go.sum names thousands, and nothing else is done meanwhile. */
export function presentModules(folder: string, paths: readonly string[]): LayerFile[] {
  const files: LayerFile[] = [];
  for (const file of paths) {
    const stat = lstatSync(path.join(folder, file), { throwIfNoEntry: false });
    if (stat?.isFile() === true) files.push({ path: file, bytes: stat.size, timeMs: stat.mtimeMs });
  }
  return files;
}

/** The module whose download a path is of. */
export function moduleOfPath(file: string): string {
  const escapedPath = file.replace(/^cache\/download\//, '').replace(/\/@v\/[^/]+$/, '');
  return escapedPath.replaceAll(/!([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/** What was downloaded since then, whatever asked for it; `go install TOOL@VERSION` names no module in go.sum. */
export async function downloadedSince(folder: string, sinceMs: number): Promise<LayerFile[]> {
  const top = path.join(folder, 'cache', 'download');
  const entries = await fs.readdir(top, { recursive: true, withFileTypes: true }).catch(() => []);
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
    .map((file) => file.replaceAll('\\', '/'))
    .filter((file) => downloadPath.test(file));
  const files = presentModules(folder, paths);
  return files.filter(({ timeMs }) => timeMs >= sinceMs);
}
