import * as fs from 'node:fs/promises';
import path from 'node:path';

/** A file of `NAME=value` lines as cmd/go reads one (go/src/cmd/go/internal/cfg: readEnvFile). */
async function readEnvFile(file: string): Promise<ReadonlyMap<string, string>> {
  const text = await fs.readFile(file, 'utf8').catch(() => '');
  const lines = text.split('\n').flatMap((line) => {
    const [, name, value] = /^([A-Z_a-z][\w]*)=(.*?)\s*$/.exec(line.trim()) ?? [];
    return name === undefined || value === undefined ? [] : [[name, value] as const];
  });
  return new Map(lines);
}

/**
 * Whether somebody decided on cgo: the job's environment first, then the user's go.env, then the
 * toolchain's. `go env CGO_ENABLED` alone would not tell a decision from the default of the host.
 */
export async function readCgoEnabled(
  env: Readonly<Record<string, string | undefined>>,
  { goEnvFile, root }: { goEnvFile: string; root: string },
): Promise<boolean | undefined> {
  const files = goEnvFile === '' || goEnvFile === 'off' ? [] : [goEnvFile];
  let value = env['CGO_ENABLED'] ?? '';
  for (const file of [...files, path.join(root, 'go.env')])
    if (value === '') value = (await readEnvFile(file)).get('CGO_ENABLED') ?? '';
  return value === '0' || value === '1' ? value === '1' : undefined;
}
