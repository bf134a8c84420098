import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs/promises';
import path from 'node:path';
import type { Clock } from '@slipway/runtime';
import { moveLeftover } from './leftover.ts';
import type { ToolchainPlatform } from './platform.ts';
import { openToolCache } from './tool-cache.ts';
import {
  compareGoVersions,
  folderName,
  goName,
  parseGoVersion,
  semverName,
  type GoVersion,
} from '../version/index.ts';

/** An installed toolchain. */
export interface InstalledToolchain {
  version: GoVersion;
  /** GOROOT. */
  root: string;
}

/**
 * The toolchains of the runner's tool cache, or of a folder laid out like it: `go/1.24.3/x64` with
 * `x64.complete` beside it.
 */
export interface ToolchainCache {
  /** Toolchains whose files are all there, newest first. */
  list(): Promise<InstalledToolchain[]>;
  find(version: GoVersion): Promise<InstalledToolchain | undefined>;
  /**
   * Runs `fill` on an empty folder and moves what it made into place, unless another job did meanwhile: then
   * that job's is the one. Nothing is left when it throws.
   */
  add(version: GoVersion, fill: (folder: string) => Promise<void>): Promise<InstalledToolchain>;
}

/** Where a vendor's build says its revision; the first one has no such file in older releases. */
const revisionFile = 'MICROSOFT_REVISION';
/** Why a folder cannot be moved where a copy can be made: another file system, a virus scanner on Windows. */
const copiesInstead = new Set(['EXDEV', 'EPERM', 'EACCES', 'EBUSY']);
const placings = 5;

async function revisionOf(root: string): Promise<number> {
  const text = await fs.readFile(path.join(root, revisionFile), 'utf8').catch(() => '1');
  return Number(text.trim());
}

/** True when `root` holds the toolchain that it should: its VERSION file says so and `go` is there. */
async function holds(root: string, version: GoVersion, executable: string): Promise<boolean> {
  try {
    const text = await fs.readFile(path.join(root, 'VERSION'), 'utf8');
    await fs.access(path.join(root, 'bin', executable));
    return (
      text.split(/\s/)[0] === `go${goName(version)}` &&
      (version.revision === undefined || version.revision === (await revisionOf(root)))
    );
  } catch {
    return false;
  }
}

/** `tool` is `go`, or another name where a mirror's toolchains must not mix with Go's own. */
export function openToolchainCache(
  place: { folder: string; tool: string; platform: ToolchainPlatform },
  { clock, signal }: { clock: Clock; signal: AbortSignal },
): ToolchainCache {
  const { tool, platform } = place;
  const folder = path.resolve(place.folder);
  const toolCache = openToolCache(folder);
  const base = path.join(folder, tool);
  const arch = platform.toolCacheArch;
  const executable = platform.os === 'windows' ? 'go.exe' : 'go';
  const rootOf = (version: GoVersion): string => path.join(base, folderName(version), arch);
  const find = async (version: GoVersion): Promise<InstalledToolchain | undefined> => {
    // actions/setup-go leaves a vendor's revision out of the name.
    for (const name of new Set([folderName(version), semverName(version)])) {
      const root = toolCache.find(tool, name, arch);
      if (root !== undefined && (await holds(root, version, executable))) return { version, root };
    }
    return undefined;
  };
  /** Jobs of one machine share the cache: what another put there meanwhile is in use, and is never taken away. */
  const putInPlace = async (filled: string, version: GoVersion): Promise<InstalledToolchain> => {
    const root = rootOf(version);
    for (let left = placings; ; left -= 1) {
      const others = await find(version);
      if (others !== undefined) return others;
      const target = path.join(filled, '..', `leftover-${left}`);
      await moveLeftover(clock, { folder: root, target, claims: base }, signal);
      // Before the rename, so that a toolchain is whole for others from the moment when it is there.
      await fs.writeFile(`${root}.complete`, '');
      try {
        await fs.rename(filled, root);
        return { version, root };
      } catch (error) {
        const { code = '' } = error as NodeJS.ErrnoException;
        const isTaken = await fs.stat(root).then(
          () => true,
          () => false,
        );
        if (!isTaken && copiesInstead.has(code))
          return { version, root: await toolCache.copyIn(filled, tool, folderName(version), arch) };
        if (!isTaken || left === 0) throw error;
      }
    }
  };
  return {
    find,
    list: async () => {
      const versions = toolCache
        .versions(tool, arch)
        .map(parseGoVersion)
        .filter((version) => version !== undefined);
      const found = await Promise.all(versions.map(find));
      return found
        .filter((one) => one !== undefined)
        .sort((a, b) => compareGoVersions(b.version, a.version));
    },
    add: async (version, fill) => {
      const root = rootOf(version);
      // In the tool cache itself, so that the rename at the end stays on one file system.
      const staging = path.join(base, `.staging-${randomBytes(8).toString('hex')}`);
      await fs.mkdir(staging, { recursive: true });
      try {
        const filled = path.join(staging, 'toolchain');
        await fs.mkdir(filled);
        await fill(filled);
        await fs.mkdir(path.dirname(root), { recursive: true });
        return await putInPlace(filled, version);
      } finally {
        await fs.rm(staging, { recursive: true, force: true });
      }
    },
  };
}

/** The toolchain whose `go` comes first in PATH, told from its VERSION file without running it. */
export async function toolchainOnPath(
  env: Readonly<Record<string, string | undefined>>,
  platform: ToolchainPlatform,
): Promise<InstalledToolchain | undefined> {
  const executable = platform.os === 'windows' ? 'go.exe' : 'go';
  for (const folder of (env['PATH'] ?? env['Path'] ?? '').split(path.delimiter)) {
    if (folder === '') continue;
    const real = await fs.realpath(path.join(folder, executable)).catch(() => undefined);
    if (real === undefined) continue;
    const root = path.resolve(real, '..', '..');
    const text = await fs.readFile(path.join(root, 'VERSION'), 'utf8').catch(() => '');
    const version = parseGoVersion(text.split(/\s/)[0] ?? '');
    if (version === undefined) return undefined;
    return (await holds(root, version, executable)) ? { version, root } : undefined;
  }
  return undefined;
}
