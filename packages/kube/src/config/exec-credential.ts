import { ExecError, type Exec } from '@slipway/exec';
import { InputError } from '@slipway/runtime';
import type { ExecPlugin } from './kube-target.ts';

/** What a credential plugin printed: a token, or a client certificate with its key, or all three. */
export interface ExecCredential {
  token: string | undefined;
  cert: string | undefined;
  key: string | undefined;
  /** Milliseconds since 1970; undefined when it holds as long as this process. */
  expiresAtMs: number | undefined;
}

interface ExecCredentialObject {
  kind?: unknown;
  apiVersion?: unknown;
  status?: {
    token?: string;
    clientCertificateData?: string;
    clientKeyData?: string;
    expirationTimestamp?: string;
  };
}

function failure(plugin: ExecPlugin, what: string, cause?: unknown): InputError {
  return new InputError(`The credential plugin ${plugin.command} ${what}`, {
    next:
      plugin.installHint?.trim() ??
      'Install it (and log in) in a step before this one, or use a kubeconfig with a token.',
    ...(cause === undefined ? {} : { cause }),
  });
}

/**
 * Runs a credential plugin by the ExecCredential protocol (client.authentication.k8s.io v1 and
 * v1beta1; https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins).
 * Throws InputError with the plugin's install hint; its standard output is never quoted.
 */
export async function runExecPlugin(
  exec: Exec,
  plugin: ExecPlugin,
  signal?: AbortSignal,
): Promise<ExecCredential> {
  const info = {
    kind: 'ExecCredential',
    apiVersion: plugin.apiVersion,
    spec: {
      interactive: false,
      ...(plugin.cluster === undefined ? {} : { cluster: plugin.cluster }),
    },
  };
  let stdout: string;
  try {
    ({ stdout } = await exec(plugin.command, plugin.args, {
      addEnv: { ...plugin.env, KUBERNETES_EXEC_INFO: JSON.stringify(info) },
      // Plugins of clouds may ask GitHub who this job is.
      logsIn: true,
      timeoutMs: 60_000,
      maxStdoutBytes: 1_048_576,
      ...(signal === undefined ? {} : { signal }),
    }));
  } catch (error) {
    if (!(error instanceof ExecError)) throw error;
    const tail = error.stderr.trim().split('\n').slice(-4).join(' ');
    throw failure(
      plugin,
      error.exitCode === undefined
        ? 'could not be run.'
        : `failed with exit code ${error.exitCode}${tail === '' ? '.' : `: ${tail}`}`,
      error.exitCode === undefined ? error : undefined,
    );
  }
  let printed: ExecCredentialObject;
  try {
    printed = JSON.parse(stdout) as ExecCredentialObject;
  } catch {
    throw failure(plugin, 'printed something that is not JSON.');
  }
  if (printed.kind !== 'ExecCredential' || printed.apiVersion !== plugin.apiVersion)
    throw failure(
      plugin,
      `printed ${String(printed.kind)} of ${String(printed.apiVersion)}, not an ExecCredential of ${plugin.apiVersion}.`,
    );
  const { token, clientCertificateData: cert, clientKeyData: key } = printed.status ?? {};
  if (token === undefined && (cert === undefined || key === undefined))
    throw failure(plugin, 'printed neither a token nor a certificate with its key.');
  const expires = Date.parse(printed.status?.expirationTimestamp ?? '');
  return { token, cert, key, expiresAtMs: Number.isNaN(expires) ? undefined : expires };
}
