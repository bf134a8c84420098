import * as fs from 'node:fs/promises';
import path from 'node:path';

type Env = Readonly<Record<string, string | undefined>>;

/** The folders of the go command. Absolute paths. */
export interface GoFolders {
  goPath: string;
  moduleCache: string;
  buildCache: string;
}

type HostSystem = 'linux' | 'darwin' | 'win32';

/** One of the user's folders, as Go finds them (os.UserConfigDir, os.UserCacheDir). */
function userFolder(
  env: Env,
  os: HostSystem,
  names: { windows: string; mac: readonly string[]; xdg: string; other: readonly string[] },
): string | undefined {
  if (os === 'win32') return env[names.windows];
  const home = env['HOME'];
  const below = (parts: readonly string[]): string | undefined => home && path.join(home, ...parts);
  return os === 'darwin' ? below(names.mac) : (env[names.xdg] ?? below(names.other));
}

/** The settings of `go env -w`: the file named by GOENV or the one in the user's configuration folder. */
export async function readGoSettings(env: Env, os: HostSystem): Promise<Record<string, string>> {
  const configuration = userFolder(env, os, {
    windows: 'AppData',
    mac: ['Library', 'Application Support'],
    xdg: 'XDG_CONFIG_HOME',
    other: ['.config'],
  });
  const file = env['GOENV'] ?? (configuration && path.join(configuration, 'go', 'env'));
  if (file === undefined || file === '' || file === 'off') return {};
  const text = await fs.readFile(file, 'utf8').catch(() => '');
  return Object.fromEntries(
    [...text.matchAll(/^([A-Z][A-Z0-9_]*)=(.*?)\r?$/gm)].map(([, name = '', value = '']) => [
      name,
      value,
    ]),
  );
}

/** A setting as the go command finds it: of the environment, where an empty variable is none, else of `go env -w`. */
export const goSetting = (
  env: Env,
  settings: Readonly<Record<string, string>>,
  name: string,
): string | undefined =>
  [env[name], settings[name]].find((value) => value !== undefined && value !== '');

/**
 * Where the go command will keep modules and build results, worked out as it does itself (go help
 * environment, go help cache), so that a cache can be restored while the toolchain is still on its
 * way. Undefined when there is no home folder to go by.
 */
export function goFolders(
  env: Env,
  settings: Readonly<Record<string, string>>,
  os: HostSystem,
): GoFolders | undefined {
  const get = (name: string): string | undefined => goSetting(env, settings, name);
  const home = os === 'win32' ? env['USERPROFILE'] : env['HOME'];
  const goPath = get('GOPATH') ?? (home && path.join(home, 'go'));
  const userCache = userFolder(env, os, {
    windows: 'LocalAppData',
    mac: ['Library', 'Caches'],
    xdg: 'XDG_CACHE_HOME',
    other: ['.cache'],
  });
  const buildCache = get('GOCACHE') ?? (userCache && path.join(userCache, 'go-build'));
  if (goPath === undefined || goPath === '' || buildCache === undefined || buildCache === '')
    return undefined;
  const [first = goPath] = goPath.split(path.delimiter);
  return {
    goPath: first,
    moduleCache: get('GOMODCACHE') ?? path.join(first, 'pkg', 'mod'),
    buildCache,
  };
}
