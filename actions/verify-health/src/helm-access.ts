import { systemExec } from '@slipway/exec';
import {
  createHelmRunner,
  type HelmRunner,
  type HelmTool,
  type StorageDriver,
} from '@slipway/helm';
import type { Run } from '@slipway/runtime';

/** How Helm reaches the cluster, in main and in post; names a file, holds no secret. */
export interface HelmAccess {
  helmPath: string;
  /** Undefined for Helm's own search order. */
  kubeconfigPath: string | undefined;
  /** Whether the file is ours to remove. */
  written: boolean;
  context: string;
  /** Where Helm keeps its history. */
  driver: StorageDriver;
}

/** Helm at the cluster of `access`. */
export function helmAt(run: Run, tool: HelmTool, access: HelmAccess, owner: string): HelmRunner {
  const { kubeconfigPath: kubeconfig, context, driver } = access;
  const exec = systemExec({ log: run.log, env: run.env });
  return createHelmRunner(exec, tool, { kubeconfig, context, driver, owner });
}
