import type { Layout } from '../places/layout.ts';
import type { LabPorts } from '../session/state.ts';

/** Arguments of an etcd of one member that only this machine reaches. */
export function etcdArguments(layout: Layout, ports: LabPorts): string[] {
  const client = `http://127.0.0.1:${ports.etcd}`;
  const peer = `http://127.0.0.1:${ports.etcdPeer}`;
  return [
    `--name=${layout.name}`,
    `--data-dir=${layout.etcd}`,
    `--listen-client-urls=${client}`,
    `--advertise-client-urls=${client}`,
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=${layout.name}=${peer}`,
    '--auto-compaction-mode=revision',
    '--auto-compaction-retention=1000',
    '--log-level=warn',
    '--logger=zap',
  ];
}
