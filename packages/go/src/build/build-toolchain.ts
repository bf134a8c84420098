import { ExecError, type Exec } from '@slipway/exec';
import { ActionError } from '@slipway/runtime';
import { readCgoEnabled } from './go-env.ts';

/** What `go env` says of the toolchain that will build in a folder. */
export interface BuildToolchain {
  /** For example `go1.26.8`. */
  version: string;
  root: string;
  goflags: string;
  /** `CGO_ENABLED` of the environment or of a go.env; undefined when nobody decided. */
  cgoEnabled: boolean | undefined;
  host: { goos: string; goarch: string };
  /** The go.mod that rules there; undefined without one. */
  goMod: string | undefined;
  /** The go.work that rules there; undefined without one. */
  goWork: string | undefined;
}

/** How `go env` says that there is none. */
const nothing: readonly (string | undefined)[] = [undefined, '', 'off', '/dev/null', 'NUL'];

const ruling = (file: string | undefined): string | undefined =>
  nothing.includes(file) ? undefined : file;

/**
 * Asks the `go` on PATH, in `dir`: a toolchain line there may bring another version. Throws
 * ActionError when there is no go.
 */
export async function readBuildToolchain(
  exec: Exec,
  options: {
    dir: string;
    env: Readonly<Record<string, string | undefined>>;
    signal?: AbortSignal;
  },
): Promise<BuildToolchain> {
  const host = ['GOHOSTOS', 'GOHOSTARCH'];
  const names = ['GOVERSION', 'GOROOT', 'GOFLAGS', 'GOMOD', 'GOWORK', 'GOENV', ...host];
  try {
    const { stdout } = await exec('go', ['env', '-json', ...names], {
      cwd: options.dir,
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
    const env = JSON.parse(stdout) as Record<string, string | undefined>;
    const root = env['GOROOT'] ?? '';
    const goEnvFile = env['GOENV'] ?? '';
    return {
      version: env['GOVERSION'] ?? '',
      root,
      goflags: env['GOFLAGS'] ?? '',
      cgoEnabled: await readCgoEnabled(options.env, { goEnvFile, root }),
      host: { goos: env['GOHOSTOS'] ?? '', goarch: env['GOHOSTARCH'] ?? '' },
      goMod: ruling(env['GOMOD']),
      goWork: ruling(env['GOWORK']),
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
