import path from 'node:path';

/** Environment variables as a process gets them. */
export type Env = Readonly<Record<string, string | undefined>>;

/**
 * Where everything lies that is made once and used by every checkout: built programs and unpacked
 * tools, each in a folder named by its version. SLIPWAY_CACHE, else XDG_CACHE_HOME/slipway, else
 * ~/.cache/slipway. A relative SLIPWAY_CACHE is taken from the working folder; a relative
 * XDG_CACHE_HOME is ignored, as the XDG base directory specification demands.
 */
export function cacheFolder(env: Env, home: string): string {
  const own = env['SLIPWAY_CACHE'] ?? '';
  if (own !== '') return path.resolve(own);
  const xdg = env['XDG_CACHE_HOME'] ?? '';
  return path.isAbsolute(xdg) ? path.join(xdg, 'slipway') : path.join(home, '.cache', 'slipway');
}
