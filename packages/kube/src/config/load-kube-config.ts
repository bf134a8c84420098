import * as fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { TlsOptions } from '@slipway/http';
import { InputError } from '@slipway/runtime';
import {
  mergeKubeconfigs,
  parseKubeconfig,
  selectContext,
  type Fields,
  type Kubeconfig,
} from './kubeconfig.ts';
import type { Env, ExecPlugin, KubeAuth, KubeTarget } from './kube-target.ts';
import { inClusterTarget } from './in-cluster.ts';

const text = (fields: Fields, name: string): string | undefined => {
  const value = fields[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
};

async function pem(fields: Fields, name: string, config: Kubeconfig): Promise<string | undefined> {
  const data = text(fields, `${name}-data`);
  if (data !== undefined) return Buffer.from(data, 'base64').toString();
  const file = text(fields, name);
  if (file === undefined) return undefined;
  if (!path.isAbsolute(file))
    throw new InputError(
      `${config.source} refers to the file ${JSON.stringify(file)} (${name}), which is not part of it.`,
      { next: 'Flatten it: "kubectl config view --raw --minify --flatten".' },
    );
  return await fs.readFile(file, 'utf8').catch((error: unknown) => {
    throw new InputError(`${config.source}: ${name} could not be read from ${file}.`, {
      cause: error,
    });
  });
}

function strings(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

function execPlugin(exec: Fields, cluster: Fields, config: Kubeconfig): ExecPlugin {
  const command = text(exec, 'command');
  if (command === undefined)
    throw new InputError(`${config.source}: the user's exec entry names no command.`);
  if (text(exec, 'interactiveMode') === 'Always')
    throw new InputError(
      `${config.source}: the credential plugin ${command} needs a terminal (interactiveMode: Always).`,
      { next: 'Use a service account token or a plugin that works without a person.' },
    );
  const env = Array.isArray(exec['env']) ? (exec['env'] as Fields[]) : [];
  const relative = command.includes('/') && !path.isAbsolute(command);
  return {
    apiVersion: text(exec, 'apiVersion') ?? 'client.authentication.k8s.io/v1',
    command:
      relative && config.folder !== undefined ? path.resolve(config.folder, command) : command,
    args: strings(exec['args']),
    env: Object.fromEntries(
      env.flatMap((entry) => {
        const name = text(entry, 'name');
        return name === undefined ? [] : [[name, text(entry, 'value') ?? '']];
      }),
    ),
    installHint: text(exec, 'installHint'),
    cluster:
      exec['provideClusterInfo'] === true
        ? {
            server: cluster['server'],
            'tls-server-name': cluster['tls-server-name'],
            'insecure-skip-tls-verify': cluster['insecure-skip-tls-verify'],
            'certificate-authority-data': cluster['certificate-authority-data'],
            'proxy-url': cluster['proxy-url'],
          }
        : undefined,
  };
}

function authOf(user: Fields, cluster: Fields, config: Kubeconfig): KubeAuth {
  const provider = user['auth-provider'] as Fields | undefined;
  if (provider !== undefined)
    throw new InputError(
      `${config.source}: the auth provider ${JSON.stringify(text(provider, 'name') ?? '')} is no longer part of Kubernetes (since 1.26).`,
      { next: 'Write the kubeconfig anew with a current CLI of your provider; it will use exec.' },
    );
  // The order of client-go: a token wins over its file, either over a plugin.
  const tokenFile = text(user, 'tokenFile');
  const token = text(user, 'token');
  if (tokenFile !== undefined && path.isAbsolute(tokenFile))
    return { kind: 'token-file', path: tokenFile };
  if (token !== undefined) return { kind: 'token', token };
  const username = text(user, 'username');
  if (username !== undefined)
    return { kind: 'basic', username, password: text(user, 'password') ?? '' };
  const exec = user['exec'];
  if (typeof exec === 'object' && exec !== null)
    return { kind: 'exec', plugin: execPlugin(exec as Fields, cluster, config) };
  return { kind: 'none' };
}

function impersonation(user: Fields): [string, string][] {
  const as = text(user, 'as');
  if (as === undefined) return [];
  const uid = text(user, 'as-uid');
  return [
    ['Impersonate-User', as],
    ...strings(user['as-groups']).map((group): [string, string] => ['Impersonate-Group', group]),
    ...(uid === undefined ? [] : [['Impersonate-Uid', uid] as [string, string]]),
  ];
}

async function tlsOf(cluster: Fields, user: Fields, config: Kubeconfig): Promise<TlsOptions> {
  const [ca, cert, key] = await Promise.all([
    pem(cluster, 'certificate-authority', config),
    pem(user, 'client-certificate', config),
    pem(user, 'client-key', config),
  ]);
  if ((cert === undefined) !== (key === undefined))
    throw new InputError(
      `${config.source}: the user has a client ${cert === undefined ? 'key without a certificate' : 'certificate without a key'}.`,
    );
  const serverName = text(cluster, 'tls-server-name');
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(serverName === undefined ? {} : { serverName }),
    ...(cluster['insecure-skip-tls-verify'] === true ? { insecureSkipVerify: true } : {}),
  };
}

async function targetOf(config: Kubeconfig, wanted: string | undefined): Promise<KubeTarget> {
  const { name, context, cluster, user } = selectContext(config, wanted);
  const server = text(cluster, 'server');
  if (server === undefined || !URL.canParse(server) || !/^https?:/.test(server))
    throw new InputError(
      `${config.source}: the cluster of context ${name} has no usable "server".`,
    );
  return {
    source: config.source,
    context: name,
    server: server.replace(/\/+$/, ''),
    namespace: text(context, 'namespace') ?? 'default',
    tls: await tlsOf(cluster, user, config),
    proxyUrl: text(cluster, 'proxy-url'),
    auth: authOf(user, cluster, config),
    impersonate: impersonation(user),
  };
}

async function readFiles(files: readonly string[]): Promise<Kubeconfig[]> {
  const read = files.map(async (file) => {
    const content = await fs.readFile(file, 'utf8').catch(() => undefined);
    return content === undefined
      ? undefined
      : parseKubeconfig(content, file, path.dirname(path.resolve(file)));
  });
  return (await Promise.all(read)).filter((config) => config !== undefined);
}

/**
 * Finds the API server: `text` (YAML, or YAML in base64), else the file `path`, else the files of
 * $KUBECONFIG, else `~/.kube/config`, else the service account of the pod this runs in. Throws
 * InputError; contexts are listed when the wanted one is not there.
 */
export async function loadKubeConfig(options: {
  text?: string;
  path?: string;
  env: Env;
  context?: string;
}): Promise<KubeTarget> {
  const { env, context } = options;
  if (options.text !== undefined && options.text.trim() !== '')
    return await targetOf(parseKubeconfig(options.text, 'The kubeconfig given'), context);
  if (options.path !== undefined && options.path !== '') {
    const [config] = await readFiles([options.path]);
    if (config === undefined)
      throw new InputError(`The kubeconfig ${options.path} could not be read.`);
    return await targetOf(config, context);
  }
  const listed = (env['KUBECONFIG'] ?? '').split(path.delimiter).filter((file) => file !== '');
  const home = env['HOME'] ?? env['USERPROFILE'] ?? os.homedir();
  const files = listed.length > 0 ? listed : [path.join(home, '.kube', 'config')];
  const configs = await readFiles(files);
  if (configs.length > 0) return await targetOf(mergeKubeconfigs(configs), context);
  const inCluster = await inClusterTarget(env);
  if (inCluster !== undefined) return inCluster;
  throw new InputError(
    `No kubeconfig: none was given, ${files.join(', ')} cannot be read, and this is not a pod.`,
    { next: 'Set the input kubeconfig, for example to ${{ secrets.KUBECONFIG }}.' },
  );
}
