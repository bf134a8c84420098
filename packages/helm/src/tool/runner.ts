import { ExecError, type Exec, type ExecOptions, type ExecResult } from '@slipway/exec';
import { postRendererEnvironment, type PreparedPostRenderer } from './post-renderer.ts';
import { failureWithoutValues } from './quoted-values.ts';
import type { StorageDriver } from './storage-driver.ts';
import type { HelmTool } from './tool.ts';

/** Runs one Helm against one cluster. */
export interface HelmRunner {
  tool: HelmTool;
  /** Where it keeps the revisions of its releases. */
  driver: StorageDriver;
  /**
   * Like Exec; `--kubeconfig` and `--kube-context` reach Helm through its environment. What Helm quotes
   * of values is left out of its errors.
   */
  run(args: readonly string[], options?: ExecOptions): Promise<ExecResult>;
}

/** Where Helm finds its cluster, and what marks its process as ours. */
export interface HelmTarget {
  /** Absolute path; Helm's own search order when absent. */
  kubeconfig?: string | undefined;
  context?: string | undefined;
  /** Secrets when absent. */
  driver?: StorageDriver | undefined;
  /** Put into the environment of each Helm process so that post can find one that outlived main. */
  owner?: string | undefined;
  /** File of logins at registries; Helm's own when absent. */
  registryConfig?: string | undefined;
  /** Whose plugin Helm may load. */
  postRenderer?: PreparedPostRenderer | undefined;
}

/** The name of the environment variable that carries `HelmTarget.owner`. */
export const ownerVariable = 'SLIPWAY_HELM_OWNER';

/** A HelmRunner on `exec`. Plugins are off, since they could change what a command does,
 * but for the post-renderer that was asked for. */
export function createHelmRunner(exec: Exec, tool: HelmTool, target: HelmTarget = {}): HelmRunner {
  return {
    tool,
    driver: target.driver ?? 'secret',
    run: (args, options = {}) =>
      exec(tool.path, args, {
        // Helm starts the credential plugin of the kubeconfig by itself, and logs in at registries.
        logsIn: true,
        ...options,
        addEnv: {
          HELM_DEBUG: undefined,
          HELM_NAMESPACE: undefined,
          HELM_DRIVER: target.driver,
          HELM_NO_PLUGINS: '1',
          ...(target.kubeconfig === undefined ? {} : { KUBECONFIG: target.kubeconfig }),
          ...(target.context === undefined || target.context === ''
            ? {}
            : { HELM_KUBECONTEXT: target.context }),
          ...(target.registryConfig === undefined
            ? {}
            : { HELM_REGISTRY_CONFIG: target.registryConfig }),
          ...postRendererEnvironment(target.postRenderer),
          ...(target.owner === undefined ? {} : { [ownerVariable]: target.owner }),
          ...options.addEnv,
        },
      }).catch((error: unknown) => {
        throw error instanceof ExecError ? failureWithoutValues(error) : error;
      }),
  };
}
