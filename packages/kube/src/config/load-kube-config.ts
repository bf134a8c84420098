import * as fs from 'node:fs/promises';
import path from 'node:path';
import { InputError } from '@slipway/runtime';
import { text, type Entry } from './fields.ts';
import { inClusterTarget } from './in-cluster.ts';
import type { Env, KubeTarget } from './kube-target.ts';
import { kubeconfigPaths } from './kubeconfig-paths.ts';
import {
  isEmptyKubeconfig,
  mergeKubeconfigs,
  parseKubeconfig,
  selectContext,
  type Kubeconfig,
} from './kubeconfig.ts';
import { tlsOfContext } from './tls-of-context.ts';
import { impersonation, userAuth } from './user-auth.ts';

/** The address of the API server, without a query. It may hold a password, so it is not quoted. */
function serverOf(cluster: Entry): URL {
  const url = URL.parse(text(cluster, 'server') ?? '');
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:'))
    throw new InputError(`${cluster.where} has no usable "server".`, {
      next: 'It is the address of the API server: https://host:port.',
    });
  if (url.username !== '' || url.password !== '')
    throw new InputError(`${cluster.where} has a name or a password in its "server".`, {
      next: 'Give them as username and password of the user.',
    });
  url.search = '';
  url.hash = '';
  return url;
}

/** The proxy that the kubeconfig names. It may hold a password, so it is not quoted. */
function proxyOf(cluster: Entry): string | undefined {
  const given = text(cluster, 'proxy-url');
  const scheme = URL.parse(given ?? '')?.protocol;
  if (given === undefined || (scheme !== undefined && /^(https?|socks5):$/.test(scheme)))
    return given;
  throw new InputError(
    `${cluster.where}: proxy-url does not begin with http://, https:// or socks5://.`,
  );
}

async function targetOf(
  config: Kubeconfig,
  { context: wanted, orOnlyContext }: { context?: string; orOnlyContext?: boolean },
): Promise<KubeTarget> {
  const { name, context, cluster, user } = selectContext(config, wanted, orOnlyContext);
  const server = serverOf(cluster);
  const tls = await tlsOfContext(cluster, user);
  return {
    source: config.source,
    context: name,
    server: server.href.replace(/\/+$/, ''),
    namespace: text(context, 'namespace') ?? 'default',
    tls,
    proxyUrl: proxyOf(cluster),
    auth: userAuth(user, {
      entry: cluster,
      ca: tls.ca,
      isPlain: server.protocol === 'http:',
      hasCertificate: tls.cert !== undefined,
    }),
    impersonate: impersonation(user),
  };
}

/** Undefined when there is no such file. Throws InputError when it cannot be read, as kubectl does. */
async function readFile(file: string): Promise<Kubeconfig | undefined> {
  try {
    const content = await fs.readFile(file, 'utf8');
    return parseKubeconfig(content, file, path.dirname(path.resolve(file)));
  } catch (cause) {
    if ((cause as { code?: unknown }).code === 'ENOENT') return undefined;
    if (cause instanceof InputError) throw cause;
    throw new InputError(`The kubeconfig ${file} could not be read.`, { cause });
  }
}

/** Finds kubeconfigs as kubectl does; undefined when there are none, or they say nothing. */
async function findKubeconfig(
  places: ReturnType<typeof kubeconfigPaths>,
): Promise<Kubeconfig | undefined> {
  const found = (await Promise.all(places.paths.map(readFile))).filter(
    (config) => config !== undefined,
  );
  const used = places.take === 'first' ? found.slice(0, 1) : found;
  return used.length === 0 ? undefined : mergeKubeconfigs(used);
}

/**
 * Finds the API server: `text` (YAML, or YAML in base64), else the file `path`, else the files of
 * $KUBECONFIG, else `~/.kube/config`, else the service account of the pod this runs in. Reads them as
 * kubectl does (test/kubeconfig shows where not, and why). Throws InputError; contexts are listed when
 * the wanted one is not there.
 */
export async function loadKubeConfig(options: {
  text?: string;
  path?: string;
  env: Env;
  context?: string;
  /** Whether an only context stands in where `context` is not there. */
  orOnlyContext?: boolean;
}): Promise<KubeTarget> {
  const { env } = options;
  if (options.text !== undefined && options.text.trim() !== '')
    return await targetOf(parseKubeconfig(options.text, 'The kubeconfig given'), options);
  if (options.path !== undefined && options.path !== '') {
    const config = await readFile(options.path);
    if (config === undefined)
      throw new InputError(`The kubeconfig ${options.path} could not be read.`);
    return await targetOf(config, options);
  }
  const places = kubeconfigPaths(env);
  const config = await findKubeconfig(places);
  if (config !== undefined && !isEmptyKubeconfig(config)) return await targetOf(config, options);
  const inCluster = await inClusterTarget(env);
  if (inCluster !== undefined) return inCluster;
  throw new InputError(
    `No kubeconfig: none was given, ${places.paths.join(', ') || 'a home folder'} ` +
      `${config === undefined ? 'cannot be read' : 'says nothing'}, and this is not a pod.`,
    { next: 'Set the input kubeconfig, for example to ${{ secrets.KUBECONFIG }}.' },
  );
}
