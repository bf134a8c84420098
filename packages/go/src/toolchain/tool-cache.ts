import * as toolCache from '@actions/tool-cache';

/**
 * The runner's tool cache through the library that actions/setup-go uses, so that each finds what the other
 * installed.
 */
export interface ToolCache {
  /** Versions (`1.24.3`) of which a whole copy is there, in no order. */
  versions(tool: string, arch: string): string[];
  /** The folder of one version; undefined when it is not there, or not whole. */
  find(tool: string, version: string, arch: string): string | undefined;
  /** Copies what is in `source` into its place file by file, where a folder cannot be moved. */
  copyIn(source: string, tool: string, version: string, arch: string): Promise<string>;
}

/** `folder` is absolute and need not exist. The library takes it from RUNNER_TOOL_CACHE alone. */
export function openToolCache(folder: string): ToolCache {
  const enter = (): (() => void) => {
    const before = process.env['RUNNER_TOOL_CACHE'];
    process.env['RUNNER_TOOL_CACHE'] = folder;
    return () => {
      if (before === undefined) delete process.env['RUNNER_TOOL_CACHE'];
      else process.env['RUNNER_TOOL_CACHE'] = before;
    };
  };
  const inFolder = <T>(act: () => T): T => {
    const leave = enter();
    try {
      return act();
    } finally {
      leave();
    }
  };
  return {
    versions: (tool, arch) => inFolder(() => toolCache.findAllVersions(tool, arch)),
    find: (tool, version, arch) => {
      const found = inFolder(() => toolCache.find(tool, version, arch));
      return found === '' ? undefined : found;
    },
    copyIn: async (source, tool, version, arch) => {
      const leave = enter();
      try {
        return await toolCache.cacheDir(source, tool, version, arch);
      } finally {
        leave();
      }
    },
  };
}
