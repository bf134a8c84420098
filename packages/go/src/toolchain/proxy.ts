import { errorMessage } from '@slipway/runtime';
import { readAddress, SourceError, splitCredentials } from './fetch.ts';
import { goSetting } from './go-env.ts';
import type { ToolchainPorts } from './ports.ts';

/** One entry of GOPROXY. The next one is asked when this has nothing, or (after `|`) when it fails. */
export interface ModuleProxy {
  base: string;
  nextAfter: 'not-found' | 'any-error';
}

/** Where `direct` leads for the one module path that matters here, golang.org/toolchain. */
const toolchainOrigin = 'https://go.dev/dl/mod';

/** GOPROXY when nothing sets it (go help environment). */
const defaultGoProxy = 'https://proxy.golang.org,direct';

/** Reads GOPROXY (go.dev/ref/mod#environment-variables). Stops at `off`; other words are left out. */
export function parseGoProxy(text: string): ModuleProxy[] {
  const proxies: ModuleProxy[] = [];
  for (const [, entry = '', separator] of text.matchAll(/([^,|]+)([,|]?)/g)) {
    const word = entry.trim();
    if (word === 'off') break;
    const base = word === 'direct' ? toolchainOrigin : word.replace(/\/+$/, '');
    if (!/^(https?|file):\/\//.test(base) || !URL.canParse(base)) continue;
    proxies.push({ base, nextAfter: separator === '|' ? 'any-error' : 'not-found' });
    if (word === 'direct') break;
  }
  return proxies;
}

/** The proxies of a job: by its environment, else by what `go env -w` set. */
export const proxiesOf = (
  env: ToolchainPorts['env'],
  settings: Readonly<Record<string, string>>,
): ModuleProxy[] => parseGoProxy(goSetting(env, settings, 'GOPROXY') ?? defaultGoProxy);

/** Text from the first proxy that has it; undefined when all lack it. Throws SourceError as GOPROXY's rules say. */
export async function readFromProxies(
  ports: Pick<ToolchainPorts, 'fetch' | 'signal' | 'clock' | 'log'>,
  proxies: readonly ModuleProxy[],
  path: string,
): Promise<{ body: Buffer; proxy: ModuleProxy } | undefined> {
  let last: unknown;
  for (const proxy of proxies) {
    try {
      const body = await readAddress(ports, `${proxy.base}/${path}`);
      if (body !== undefined) return { body, proxy };
    } catch (error) {
      ports.signal.throwIfAborted();
      if (proxy.nextAfter === 'not-found') throw error;
      ports.log.debug(`${splitCredentials(proxy.base).shown}: ${errorMessage(error)}`);
      last = error;
    }
  }
  if (last instanceof SourceError) throw last;
  return undefined;
}
