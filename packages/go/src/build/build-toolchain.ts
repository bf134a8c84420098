import { ExecError, type Exec } from '@slipway/exec';
import { ActionError } from '@slipway/runtime';

/** What `go env` says of the toolchain that will build in a folder. */
export interface BuildToolchain {
  /** For example `go1.26.8`. */
  version: string;
  root: string;
  goflags: string;
  host: { goos: string; goarch: string };
  /** The go.mod that rules there; undefined without one. */
  goMod: string | undefined;
}

/**
 * Asks the `go` on PATH, in `dir`: a toolchain line there may bring another version. Throws
 * ActionError when there is no go.
 */
export async function readBuildToolchain(
  exec: Exec,
  options: { dir: string; signal?: AbortSignal },
): Promise<BuildToolchain> {
  const names = ['GOVERSION', 'GOROOT', 'GOFLAGS', 'GOHOSTOS', 'GOHOSTARCH', 'GOMOD'];
  try {
    const { stdout } = await exec('go', ['env', '-json', ...names], {
      cwd: options.dir,
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
    const env = JSON.parse(stdout) as Record<string, string | undefined>;
    const goMod = env['GOMOD'];
    return {
      version: env['GOVERSION'] ?? '',
      root: env['GOROOT'] ?? '',
      goflags: env['GOFLAGS'] ?? '',
      host: { goos: env['GOHOSTOS'] ?? '', goarch: env['GOHOSTARCH'] ?? '' },
      goMod:
        goMod === undefined || goMod === '' || goMod === '/dev/null' || goMod === 'NUL'
          ? undefined
          : goMod,
    };
  } catch (error) {
    if (error instanceof ExecError && error.exitCode === undefined)
      throw new ActionError('There is no go on PATH.', {
        cause: error,
        next: 'Run setup-go-cached (or actions/setup-go) before this step.',
      });
    throw error;
  }
}
