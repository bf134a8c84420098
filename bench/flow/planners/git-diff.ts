import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The files that differ between a commit and the checked-out one, both sides of a rename. */
export async function gitDiff(dir: string, before: string): Promise<readonly string[]> {
  const { stdout } = await run(
    'git',
    ['diff', '--no-renames', '--name-only', '-z', before, 'HEAD'],
    {
      cwd: dir,
    },
  );
  return stdout.split('\0').filter((file) => file !== '');
}
