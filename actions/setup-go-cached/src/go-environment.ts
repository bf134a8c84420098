import * as fs from 'node:fs/promises';
import path from 'node:path';
import type { Exec } from '@slipway/exec';
import type { GoFolders, ReadyToolchain } from '@slipway/go';
import { errorMessage, type Run } from '@slipway/runtime';
import { addProblemMatcher } from './problem-matcher.ts';
import { ownGotoolchain } from './wanted-version.ts';

/** Makes the toolchain the one that later steps use. */
export async function enterToolchain(
  run: Run,
  toolchain: ReadyToolchain,
  folders: GoFolders | undefined,
): Promise<void> {
  if (folders !== undefined) {
    const bin = path.join(folders.goPath, 'bin');
    await fs.mkdir(bin, { recursive: true });
    run.addPath(bin);
  }
  run.addPath(path.join(toolchain.root, 'bin'));
  // As actions/setup-go does since v6: what was set up is what runs, without a second download.
  if (run.env['GOTOOLCHAIN'] !== 'local') run.exportVariable(ownGotoolchain, 'local');
  run.exportVariable('GOTOOLCHAIN', 'local');
  const goroot = run.env['GOROOT'];
  // Go 1.8 and older do not find it out themselves.
  if (toolchain.version.major === 1 && toolchain.version.minor < 9)
    run.exportVariable('GOROOT', toolchain.root);
  else if (goroot !== undefined && goroot !== '' && path.resolve(goroot) !== toolchain.root) {
    run.log.info(`GOROOT was ${goroot}; it now follows the toolchain.`);
    run.exportVariable('GOROOT', toolchain.root);
  }
  await addProblemMatcher(run);
}

/** Prints `go env` in a group; a toolchain of another architecture may not run here, which is no failure. */
export async function printGoEnvironment(run: Run, exec: Exec, go: string): Promise<void> {
  await run.log.group('go env', async () => {
    try {
      const { stdout } = await exec(go, ['env'], {
        addEnv: { GOTOOLCHAIN: 'local', GOROOT: undefined },
        timeoutMs: 20_000,
        signal: run.signal,
      });
      run.log.info(stdout.trimEnd());
    } catch (error) {
      run.signal.throwIfAborted();
      run.log.info(`go env does not run on this machine: ${errorMessage(error)}`);
    }
  });
}
