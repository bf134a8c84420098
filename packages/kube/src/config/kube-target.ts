import type { TlsOptions } from '@slipway/http';

/** A program that prints credentials, as kubeconfig's `users[].user.exec` describes it. */
export interface ExecPlugin {
  apiVersion: string;
  command: string;
  args: readonly string[];
  env: Readonly<Record<string, string>>;
  installHint: string | undefined;
  /** The plugin is told of the cluster in KUBERNETES_EXEC_INFO when this is set. */
  cluster: Readonly<Record<string, unknown>> | undefined;
}

/** How requests prove who sends them. A client certificate is part of the TLS options instead. */
export type KubeAuth =
  | { kind: 'none' }
  /** Not used after `expiresAtMs` (milliseconds since 1970). */
  | { kind: 'token'; token: string; expiresAtMs?: number }
  /** Read anew now and then: in-cluster tokens are rotated. `token` stands in while it cannot be read. */
  | { kind: 'token-file'; path: string; token?: string }
  | { kind: 'basic'; username: string; password: string }
  | { kind: 'exec'; plugin: ExecPlugin };

/** One API server and how to be let in. Holds secrets: never log it. */
export interface KubeTarget {
  /** Where this came from, for messages: `the kubeconfig given`, a path, `the pod this runs in`. */
  source: string;
  /** Empty for the pod's own credentials, which are of no context. */
  context: string;
  /** Without a slash at its end; may have a path (a Rancher proxy). */
  server: string;
  /** The context's namespace, `default` when it names none. */
  namespace: string;
  tls: TlsOptions;
  proxyUrl: string | undefined;
  auth: KubeAuth;
  /** Headers that impersonate another user. */
  impersonate: readonly (readonly [name: string, value: string])[];
}

/** Environment variables as a plain record. */
export type Env = Readonly<Record<string, string | undefined>>;
