import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs/promises';
import path from 'node:path';
import type { ToolchainPlatform } from './platform.ts';
import {
  compareGoVersions,
  parseGoVersion,
  releaseName,
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
 * The runner's tool cache, or a folder laid out like it: `go/1.24.3/x64` with `x64.complete` beside it.
 * Not through @actions/tool-cache 4.0.0, which copies a toolchain into place file by file where one
 * rename does, and whose download verifies nothing.
 */
export interface ToolchainCache {
  /** Toolchains whose files are all there, newest first. */
  list(): Promise<InstalledToolchain[]>;
  find(version: GoVersion): Promise<InstalledToolchain | undefined>;
  /**
   * Runs `fill` on an empty folder and moves what it made into place, unless another job did meanwhile. Nothing is
   * left when it throws.
   */
  add(version: GoVersion, fill: (folder: string) => Promise<void>): Promise<InstalledToolchain>;
}

/** True when `root` holds the toolchain that it should: its VERSION file says so and `go` is there. */
async function holds(root: string, version: GoVersion, executable: string): Promise<boolean> {
  try {
    const text = await fs.readFile(path.join(root, 'VERSION'), 'utf8');
    await fs.access(path.join(root, 'bin', executable));
    return text.split(/\s/)[0] === `go${releaseName(version)}`;
  } catch {
    return false;
  }
}

/** `tool` is `go`, or another name where a mirror's toolchains must not mix with Go's own. */
export function openToolchainCache(
  folder: string,
  tool: string,
  platform: ToolchainPlatform,
): ToolchainCache {
  const base = path.join(folder, tool);
  const executable = platform.os === 'windows' ? 'go.exe' : 'go';
  const rootOf = (version: GoVersion): string =>
    path.join(base, semverName(version), platform.toolCacheArch);
  const find = async (version: GoVersion): Promise<InstalledToolchain | undefined> => {
    const root = rootOf(version);
    const complete = await fs.access(`${root}.complete`).then(
      () => true,
      () => false,
    );
    return complete && (await holds(root, version, executable)) ? { version, root } : undefined;
  };
  /** Jobs of one machine share the cache: what another put there meanwhile is in use, and is never taken away. */
  const putInPlace = async (filled: string, version: GoVersion): Promise<InstalledToolchain> => {
    const root = rootOf(version);
    await fs.rm(`${root}.complete`, { force: true });
    await fs.rm(root, { recursive: true, force: true });
    // Before the rename, so that a toolchain is whole for others from the moment when it is there.
    await fs.writeFile(`${root}.complete`, '');
    try {
      await fs.rename(filled, root);
    } catch (error) {
      const others = await find(version);
      if (others === undefined) throw error;
      return others;
    }
    return { version, root };
  };
  return {
    find,
    list: async () => {
      const names = await fs.readdir(base).catch((): string[] => []);
      const versions = names.map(parseGoVersion).filter((version) => version !== undefined);
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
        return (await find(version)) ?? (await putInPlace(filled, version));
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
