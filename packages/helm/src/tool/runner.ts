import type { Exec, ExecOptions, ExecResult } from '@slipway/exec';
import { postRendererEnvironment, type PreparedPostRenderer } from './post-renderer.ts';
import type { HelmTool } from './tool.ts';

/** Runs one Helm against one cluster. */
export interface HelmRunner {
  tool: HelmTool;
  /** Like Exec; `--kubeconfig` and `--kube-context` reach Helm through its environment. */
  run(args: readonly string[], options?: ExecOptions): Promise<ExecResult>;
}

/** Where Helm finds its cluster, and what marks its process as ours. */
export interface HelmTarget {
  /** Absolute path; Helm's own search order when absent. */
  kubeconfig?: string | undefined;
  context?: string | undefined;
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
    run: (args, options = {}) =>
      exec(tool.path, args, {
        ...options,
        addEnv: {
          HELM_DEBUG: undefined,
          HELM_NAMESPACE: undefined,
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
      }),
  };
}
