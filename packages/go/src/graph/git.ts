import type { Exec } from '@slipway/exec';

const gitTimeoutMs = 60_000;

/** Runs git with these arguments and gives what it prints. */
export type Git = (args: readonly string[]) => Promise<string>;

/** Runs git on one repository, also when another user owns it, as in a container job. */
export function gitIn(exec: Exec, root: string): Git {
  return async (args) => {
    const { stdout } = await exec(
      'git',
      ['-c', `safe.directory=${root}`, '-c', 'core.fsmonitor=false', ...args],
      { cwd: root, timeoutMs: gitTimeoutMs, addEnv: { LC_ALL: 'C', GIT_OPTIONAL_LOCKS: '0' } },
    );
    return stdout;
  };
}
