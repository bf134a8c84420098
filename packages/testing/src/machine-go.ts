import { execFileSync } from 'node:child_process';

/**
 * Where the Go of this machine keeps its caches and gets its modules, for an action that runs in a clean
 * environment. A go.env of the machine decides nothing, and no other Go is fetched.
 */
export function goEnvironment(): Record<string, string> {
  const names = ['GOCACHE', 'GOMODCACHE', 'GOPROXY'];
  const printed = execFileSync('go', ['env', '-json', ...names], { encoding: 'utf8' });
  const found = JSON.parse(printed) as Record<string, string>;
  return { ...found, GOENV: 'off', GOTOOLCHAIN: 'local' };
}
