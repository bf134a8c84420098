import path from 'node:path';
import type { Env } from './cache-folder.ts';

/**
 * Where one lab keeps its things. Everything that a running lab writes lies under `state`, so that
 * `down` knows what is its own by its path.
 */
export interface Layout {
  name: string;
  state: string;
  stateFile: string;
  lockFile: string;
  logs: string;
  certificates: string;
  kubeconfig: string;
  etcd: string;
  containerd: string;
  containerdSocket: string;
  kubelet: string;
  cniConfig: string;
  registry: string;
  prometheus: string;
  /** The pods, for Prometheus. */
  targets: string;
  /** NAME=VALUE lines that lead a workflow step to the cache service. */
  cacheEnvironment: string;
  /** At most 15 characters, the kernel's limit for an interface. */
  bridge: string;
  /** The cgroup that all containers of this lab are under. */
  cgroup: string;
  /** Prefix of its iptables chains (29 characters at most) and of its CNI network. */
  network: string;
  node: string;
}

const defaultBase = '/var/lib/slipway-lab';
const namePattern = /^[a-z][a-z0-9]{0,10}$/;

/**
 * The places of the lab that SLIPWAY_LAB_NAME names (`slipway` without it); several labs with
 * different names run side by side. The state lies in SLIPWAY_LAB_STATE/NAME or
 * /var/lib/slipway-lab/NAME: a bridge or a cgroup exists once per machine, so the record of them does too.
 */
export function labLayout(env: Env, base = env['SLIPWAY_LAB_STATE'] ?? defaultBase): Layout {
  const name = env['SLIPWAY_LAB_NAME'] ?? 'slipway';
  if (!namePattern.test(name))
    throw new Error(
      `SLIPWAY_LAB_NAME is "${name}"; a lab's name is 1 to 11 lower-case letters and digits, a letter first.`,
    );
  const state = path.join(path.resolve(base), name);
  return {
    name,
    state,
    stateFile: path.join(state, 'state.json'),
    lockFile: path.join(path.dirname(state), `${name}.lock`),
    logs: path.join(state, 'logs'),
    certificates: path.join(state, 'certificates'),
    kubeconfig: path.join(state, 'kubeconfig.yaml'),
    etcd: path.join(state, 'etcd'),
    containerd: path.join(state, 'containerd'),
    containerdSocket: path.join(state, 'containerd.sock'),
    kubelet: path.join(state, 'kubelet'),
    cniConfig: path.join(state, 'cni'),
    registry: path.join(state, 'registry'),
    prometheus: path.join(state, 'prometheus'),
    targets: path.join(state, 'targets.json'),
    cacheEnvironment: path.join(state, 'cache.env'),
    bridge: `br-${name}`,
    cgroup: `slipway-lab-${name}`,
    network: `slipway-${name}`,
    node: `${name}-lab`,
  };
}
