import path from 'node:path';
import type { Layout } from '../places/layout.ts';
import type { Subnet } from '../places/subnet.ts';

/** The kubelet's configuration (KubeletConfiguration v1beta1), as JSON, which is YAML too. */
export function kubeletConfig(layout: Layout, subnet: Subnet): string {
  const file = (name: string): string => path.join(layout.certificates, name);
  return `${JSON.stringify(
    {
      apiVersion: 'kubelet.config.k8s.io/v1beta1',
      kind: 'KubeletConfiguration',
      address: subnet.gateway,
      healthzBindAddress: subnet.gateway,
      authentication: {
        anonymous: { enabled: false },
        webhook: { enabled: true },
        x509: { clientCAFile: file('ca.crt') },
      },
      authorization: { mode: 'Webhook' },
      tlsCertFile: file('kubelet.crt'),
      tlsPrivateKeyFile: file('kubelet.key'),
      cgroupDriver: 'cgroupfs',
      cgroupRoot: `/${layout.cgroup}`,
      failCgroupV1: false,
      failSwapOn: false,
      containerRuntimeEndpoint: `unix://${layout.containerdSocket}`,
      podLogsDir: path.join(layout.state, 'pods'),
      clusterDomain: 'cluster.local',
      clusterDNS: [subnet.gateway],
      resolvConf: path.join(layout.state, 'resolv.conf'),
      // A developer's disk is often fuller than a server's may be.
      evictionHard: { 'memory.available': '64Mi', 'nodefs.available': '1%' },
      imageGCHighThresholdPercent: 100,
      imageMinimumGCAge: '24h',
      maxPods: 200,
      serializeImagePulls: false,
      shutdownGracePeriod: '0s',
      enableDebuggingHandlers: true,
      protectKernelDefaults: false,
      // No KUBE-* chains: services are routed by chains that carry this lab's name.
      makeIPTablesUtilChains: false,
      volumePluginDir: path.join(layout.kubelet, 'volume-plugins'),
    },
    null,
    2,
  )}\n`;
}

/** Arguments of the kubelet. */
export function kubeletArguments(layout: Layout, subnet: Subnet): string[] {
  return [
    `--config=${path.join(layout.state, 'kubelet.json')}`,
    `--kubeconfig=${path.join(layout.certificates, 'kubelet.kubeconfig')}`,
    `--root-dir=${layout.kubelet}`,
    `--cert-dir=${path.join(layout.kubelet, 'pki')}`,
    `--hostname-override=${layout.node}`,
    `--node-ip=${subnet.gateway}`,
  ];
}
