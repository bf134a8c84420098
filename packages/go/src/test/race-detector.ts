import { ExecError, findProgram, isProgram, type Exec } from '@slipway/exec';
import { splitQuoted } from '../build/index.ts';

/** Whether tests can be run with the race detector, and if not, why not. */
export type RaceDetector = { usable: true } | { usable: false; why: string };

/**
 * Asks the go command whether it has a race detector for this platform, and looks for the C compiler
 * that it takes (on macOS it needs none). Throws what running `go` throws, but for its refusal.
 */
export async function findRaceDetector(
  exec: Exec,
  options: {
    dir: string;
    env: Readonly<Record<string, string | undefined>>;
    signal: AbortSignal;
  },
): Promise<RaceDetector> {
  const { dir, env, signal } = options;
  const addEnv = { CGO_ENABLED: '1' };
  try {
    await exec('go', ['list', '-race', 'runtime'], { cwd: dir, addEnv, signal });
  } catch (error) {
    const refusal = error instanceof ExecError ? /-race .*/.exec(error.stderr)?.[0] : undefined;
    if (refusal === undefined) throw error;
    return { usable: false, why: refusal };
  }
  const { stdout } = await exec('go', ['env', '-json', 'CC', 'GOOS'], { cwd: dir, addEnv, signal });
  const { CC = '', GOOS = '' } = JSON.parse(stdout) as Readonly<Record<string, string | undefined>>;
  const [compiler = ''] = splitQuoted(CC, 'CC');
  const lookup = { platform: process.platform, env, isProgram };
  if (GOOS === 'darwin' || findProgram(compiler, dir, lookup) !== undefined)
    return { usable: true };
  return { usable: false, why: `it needs a C compiler, and there is no ${compiler} on PATH` };
}
