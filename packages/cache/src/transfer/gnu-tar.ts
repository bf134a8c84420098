import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The tar that @actions/cache takes on this system. */
function tarProgram(env: NodeJS.ProcessEnv, platform: NodeJS.Platform): string {
  const ofGit = path.join(env['PROGRAMFILES'] ?? '', 'Git', 'usr', 'bin', 'tar.exe');
  if (platform === 'win32' && existsSync(ofGit)) return ofGit;
  return platform === 'darwin' ? 'gtar' : 'tar';
}

/**
 * Why this machine cannot unpack an entry safely; undefined when it can. @actions/cache has entries write wherever
 * they say, and only GNU tar can be told better from outside (TAR_OPTIONS).
 */
export async function lackOfGnuTar(
  env: NodeJS.ProcessEnv,
  platform: NodeJS.Platform,
): Promise<string | undefined> {
  const program = tarProgram(env, platform);
  const printed = await run(program, ['--version'], { env }).catch(() => undefined);
  if (printed?.stdout.includes('GNU tar') === true) return undefined;
  return `entries are unpacked by GNU tar alone, and ${program} is ${printed === undefined ? 'not there' : 'another'}; install it`;
}
