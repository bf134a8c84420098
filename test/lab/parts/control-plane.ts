import path from 'node:path';
import type { Layout } from '../places/layout.ts';
import type { LabPorts } from '../session/state.ts';
import type { Subnet } from '../places/subnet.ts';

/**
 * Arguments of the API server. It listens on the bridge's address only: pods and this machine
 * reach it there, nobody else does.
 */
export function apiServerArguments(layout: Layout, ports: LabPorts, subnet: Subnet): string[] {
  const file = (name: string): string => path.join(layout.certificates, name);
  return [
    `--etcd-servers=http://127.0.0.1:${ports.etcd}`,
    `--bind-address=${subnet.gateway}`,
    `--advertise-address=${subnet.gateway}`,
    '--secure-port=6443',
    `--service-cluster-ip-range=${subnet.services}`,
    `--client-ca-file=${file('ca.crt')}`,
    `--tls-cert-file=${file('apiserver.crt')}`,
    `--tls-private-key-file=${file('apiserver.key')}`,
    `--kubelet-certificate-authority=${file('ca.crt')}`,
    `--kubelet-client-certificate=${file('apiserver-kubelet.crt')}`,
    `--kubelet-client-key=${file('apiserver-kubelet.key')}`,
    // Without this, logs and exec try to resolve the node's name.
    '--kubelet-preferred-address-types=InternalIP',
    '--service-account-issuer=https://kubernetes.default.svc.cluster.local',
    `--service-account-key-file=${file('service-account.pub')}`,
    `--service-account-signing-key-file=${file('service-account.key')}`,
    '--authorization-mode=Node,RBAC',
    '--anonymous-auth=false',
    '--allow-privileged=true',
    '--event-ttl=30m',
    '--profiling=false',
  ];
}

/** What controller-manager and scheduler share: one login, nobody to elect, an address that only the lab reaches. */
function managerArguments(kubeconfig: string, subnet: Subnet): string[] {
  return [
    `--kubeconfig=${kubeconfig}`,
    `--authentication-kubeconfig=${kubeconfig}`,
    `--authorization-kubeconfig=${kubeconfig}`,
    '--authentication-skip-lookup=true',
    `--bind-address=${subnet.gateway}`,
    '--leader-elect=false',
    '--profiling=false',
  ];
}

/** Arguments of the controller-manager. */
export function controllerArguments(layout: Layout, subnet: Subnet): string[] {
  const file = (name: string): string => path.join(layout.certificates, name);
  return [
    ...managerArguments(file('controllers.kubeconfig'), subnet),
    `--root-ca-file=${file('ca.crt')}`,
    `--service-account-private-key-file=${file('service-account.key')}`,
    '--use-service-account-credentials=true',
  ];
}

/** Arguments of the scheduler. */
export function schedulerArguments(layout: Layout, subnet: Subnet): string[] {
  return managerArguments(path.join(layout.certificates, 'scheduler.kubeconfig'), subnet);
}
