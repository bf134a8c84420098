import path from 'node:path';
import type { Layout } from '../places/layout.ts';

/** Where the machine's container tools lie. */
export interface ContainerTools {
  runc: string;
  cniPlugins: string;
}

/** The image of every pod's first process, made by the lab. */
export const pauseImage = 'slipway.test/pause:1';

/**
 * containerd's configuration. Its schema follows its major version: 1.x has one CRI plugin, 2.x
 * has it in two (config version 3).
 */
export function containerdConfig(options: {
  layout: Layout;
  tools: ContainerTools;
  major: number;
  snapshotter: 'overlayfs' | 'native';
}): string {
  const { layout, tools, major, snapshotter } = options;
  const common = `root = ${JSON.stringify(layout.containerd)}
state = ${JSON.stringify(path.join(layout.state, 'run'))}
oom_score = 0

[grpc]
  address = ${JSON.stringify(layout.containerdSocket)}
`;
  const runtime = (plugin: string): string => `
  [plugins.'${plugin}'.containerd.runtimes.runc]
    runtime_type = 'io.containerd.runc.v2'
    [plugins.'${plugin}'.containerd.runtimes.runc.options]
      BinaryName = '${tools.runc}'
      Root = '${path.join(layout.state, 'runc')}'
      SystemdCgroup = false
`;
  const cni = (plugin: string): string => `
  [plugins.'${plugin}'.cni]
    ${major < 2 ? `bin_dir = '${tools.cniPlugins}'` : `bin_dirs = ['${tools.cniPlugins}']`}
    conf_dir = '${layout.cniConfig}'
    max_conf_num = 1
`;
  const certs = path.join(layout.state, 'certs.d');
  // A root without CAP_SYS_RESOURCE cannot lower OOM scores: without restrict_oom_score_adj every
  // sandbox fails there ("can't get final child's PID from pipe: EOF").
  const shared = `restrict_oom_score_adj = true
    disable_apparmor = true
    netns_mounts_under_state_dir = true`;
  if (major < 2) {
    const plugin = 'io.containerd.grpc.v1.cri';
    return `version = 2
${common}
[plugins]
  [plugins.'${plugin}']
    sandbox_image = '${pauseImage}'
    ${shared}
  [plugins.'${plugin}'.containerd]
    snapshotter = '${snapshotter}'
    default_runtime_name = 'runc'
${runtime(plugin)}${cni(plugin)}
  [plugins.'${plugin}'.registry]
    config_path = '${certs}'
`;
  }
  const plugin = 'io.containerd.cri.v1.runtime';
  const images = 'io.containerd.cri.v1.images';
  return `version = 3
${common}
[plugins]
  [plugins.'${images}']
    snapshotter = '${snapshotter}'
  [plugins.'${images}'.pinned_images]
    sandbox = '${pauseImage}'
  [plugins.'${images}'.registry]
    config_path = '${certs}'
  [plugins.'${plugin}']
    ${shared}
  [plugins.'${plugin}'.containerd]
    default_runtime_name = 'runc'
${runtime(plugin)}${cni(plugin)}`;
}

/** The file that lets containerd pull from the lab's registry, which speaks plain HTTP. */
export function registryHosts(registry: string): string {
  return `server = "http://${registry}"\n\n[host."http://${registry}"]\n  capabilities = ["pull", "resolve"]\n`;
}
