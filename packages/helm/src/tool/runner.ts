import { ExecError, type Exec, type ExecOptions, type ExecResult } from '@slipway/exec';
import { postRendererEnvironment, type PreparedPostRenderer } from './post-renderer.ts';
import { failureWithoutValues } from './quoted-values.ts';
import type { StorageDriver } from './storage-driver.ts';
import type { HelmTool } from './tool.ts';

/** Runs commands of one Helm. */
export interface HelmCommands {
  /**
   * Like Exec; `--kubeconfig` and `--kube-context` reach Helm through its environment. What Helm quotes
   * of values is left out of its errors.
   */
  run(args: readonly string[], options?: ExecOptions): Promise<ExecResult>;
}

/** Runs one Helm against one cluster. */
export interface HelmRunner extends HelmCommands {
  tool: HelmTool;
  /** Where it keeps the revisions of its releases. */
  driver: StorageDriver;
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

function environmentOf(target: HelmTarget): Readonly<Record<string, string | undefined>> {
  const { kubeconfig, context = '', registryConfig, owner } = target;
  return {
    HELM_DEBUG: undefined,
    HELM_NAMESPACE: undefined,
    HELM_DRIVER: target.driver,
    HELM_NO_PLUGINS: '1',
    ...(kubeconfig === undefined ? {} : { KUBECONFIG: kubeconfig }),
    ...(context === '' ? {} : { HELM_KUBECONTEXT: context }),
    ...(registryConfig === undefined ? {} : { HELM_REGISTRY_CONFIG: registryConfig }),
    ...postRendererEnvironment(target.postRenderer),
    ...(owner === undefined ? {} : { [ownerVariable]: owner }),
  };
}

/**
 * Commands of `tool`, which may still be looked for: each waits for it, and fails as that does. Plugins are off,
 * since they could change what a command does, but for the post-renderer that was asked for.
 */
export function createHelmCommands(
  exec: Exec,
  tool: HelmTool | Promise<HelmTool>,
  target: HelmTarget = {},
): HelmCommands {
  return {
    run: async (args, options = {}) => {
      const { path } = await tool;
      const addEnv = { ...environmentOf(target), ...options.addEnv };
      try {
        // Helm starts the credential plugin of the kubeconfig by itself, and logs in at registries.
        return await exec(path, args, { logsIn: true, ...options, addEnv });
      } catch (error) {
        throw error instanceof ExecError ? failureWithoutValues(error) : error;
      }
    },
  };
}

/** A HelmRunner on `exec`, with the environment of `createHelmCommands`. */
export function createHelmRunner(exec: Exec, tool: HelmTool, target: HelmTarget = {}): HelmRunner {
  const commands = createHelmCommands(exec, tool, target);
  return { ...commands, tool, driver: target.driver ?? 'secret' };
}
