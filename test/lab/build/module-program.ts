import path from 'node:path';
import type { Env } from '../places/cache-folder.ts';
import { madeOnce } from '../process/made-once.ts';
import { runGo } from './go-build.ts';

/** One command of a Go module. */
export interface ModuleProgram {
  module: string;
  /** As the module proxy names it. */
  version: string;
  /** Folder of the command within the module. */
  command: string;
  /** Build tags that its makers build it with, with commas between. */
  tags?: string;
}

/** The folder of the module's sources in the module cache, which go verifies by its checksum. */
async function sourcesOf({ module, version }: ModuleProgram, cache: string, env: Env) {
  const args = ['mod', 'download', '-json', `${module}@${version}`];
  const { Dir: folder } = JSON.parse(await runGo({ args, cwd: cache, env })) as { Dir?: string };
  if (folder === undefined)
    throw new Error(`go mod download of ${module}@${version} named no Dir.`);
  return folder;
}

/**
 * Builds a command of a module as its own go.mod says, once into the cache: `go install` refuses a module
 * with replacements, so it is built in the folder of its sources, which stay as they are. Takes minutes the
 * first time.
 */
export async function ensureModuleProgram(
  program: ModuleProgram,
  cache: string,
  env: Env,
): Promise<string> {
  const name = path.posix.basename(program.command);
  return madeOnce(path.join(cache, name, program.version, name), async (partial) => {
    const cwd = await sourcesOf(program, path.dirname(partial), env);
    const tags = program.tags === undefined ? [] : ['-tags', program.tags];
    const flags = ['-trimpath', '-buildvcs=false', '-ldflags=-s -w', ...tags];
    await runGo({
      args: ['build', ...flags, '-o', partial, `./${program.command}`],
      cwd,
      env: { ...env, CGO_ENABLED: '0' },
    });
  });
}
