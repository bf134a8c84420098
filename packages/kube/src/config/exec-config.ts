import path from 'node:path';
import { InputError, quoted } from '@slipway/runtime';
import { flag, inners, text, texts, type Entry } from './fields.ts';
import type { ExecPlugin } from './kube-target.ts';

/** The versions of the ExecCredential protocol that client-go still speaks. */
const versions = [
  'client.authentication.k8s.io/v1',
  'client.authentication.k8s.io/v1beta1',
] as const;
/** The extension of a cluster that is meant for its plugins. */
const extensionName = 'client.authentication.k8s.io/exec';

function checkVersion(exec: Entry, command: string): string {
  const version = text(exec, 'apiVersion');
  if (version === undefined || !versions.some((known) => known === version))
    throw new InputError(
      `${exec.where}: the credential plugin ${command} speaks ${version === undefined ? 'no version of the protocol that is named' : quoted(version)}.`,
      {
        next: `Write the kubeconfig anew with a current CLI of your provider; apiVersion is ${versions.join(' or ')}.`,
      },
    );
  return version;
}

/** v1 must say whether it asks a person, v1beta1 need not (client-go, SetDefaults_ExecConfig). */
function checkInteraction(exec: Entry, command: string, version: string): void {
  const mode =
    text(exec, 'interactiveMode') ?? (version === versions[1] ? 'IfAvailable' : undefined);
  if (mode === 'Always')
    throw new InputError(
      `${exec.where}: the credential plugin ${command} needs a terminal (interactiveMode: Always).`,
      { next: 'Use a service account token or a plugin that works without a person.' },
    );
  if (mode !== 'Never' && mode !== 'IfAvailable')
    throw new InputError(
      `${exec.where}: interactiveMode ${mode === undefined ? 'is missing' : `is ${quoted(mode)}`}.`,
      { next: 'Set it to Never, IfAvailable or Always.' },
    );
}

function environment(exec: Entry): Readonly<Record<string, string>> {
  return Object.fromEntries(
    inners(exec, 'env').map((variable) => {
      const name = text(variable, 'name');
      if (name === undefined) throw new InputError(`${variable.where}: a variable has no name.`);
      return [name, text(variable, 'value') ?? ''];
    }),
  );
}

/** What KUBERNETES_EXEC_INFO tells of the cluster, in the words of ExecCredential's `spec.cluster`. */
function clusterInfo(cluster: Entry, ca: string | undefined): Readonly<Record<string, unknown>> {
  const extensions = inners(cluster, 'extensions');
  const own = extensions.find(({ fields }) => fields['name'] === extensionName);
  return {
    server: text(cluster, 'server'),
    'tls-server-name': text(cluster, 'tls-server-name'),
    'insecure-skip-tls-verify': flag(cluster, 'insecure-skip-tls-verify') || undefined,
    'certificate-authority-data': ca === undefined ? undefined : Buffer.from(ca).toString('base64'),
    'proxy-url': text(cluster, 'proxy-url'),
    'disable-compression': flag(cluster, 'disable-compression') || undefined,
    config: own?.fields['extension'] ?? null,
  };
}

/**
 * The credential plugin of a user's `exec`. `ca` is the cluster's authority as PEM, wherever it came
 * from. Throws InputError for what kubectl would refuse.
 */
export function readExecPlugin(
  exec: Entry,
  cluster: { entry: Entry; ca: string | undefined },
): ExecPlugin {
  const command = text(exec, 'command');
  if (command === undefined) throw new InputError(`${exec.where} names no command.`);
  const apiVersion = checkVersion(exec, command);
  checkInteraction(exec, command, apiVersion);
  const isPath = /[/\\]/.test(command) && !path.isAbsolute(command);
  return {
    apiVersion,
    command: isPath && exec.folder !== undefined ? path.resolve(exec.folder, command) : command,
    args: texts(exec, 'args'),
    env: environment(exec),
    installHint: text(exec, 'installHint'),
    cluster: flag(exec, 'provideClusterInfo') ? clusterInfo(cluster.entry, cluster.ca) : undefined,
  };
}
