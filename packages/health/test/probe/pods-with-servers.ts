import { afterEach } from '@jest/globals';
import type { Pod } from '@slipway/kube';
import { container, probedPods, readyPod, type ProbedPods } from './probed-pods.ts';
import type { PodServer } from './pod-servers.ts';

/**
 * Starts pods whose ports are servers, and stops both at the end of each test of the file that asks for it,
 * with whatever else a test puts into `open`.
 */
export function podsWithServers() {
  const open: { close(): Promise<void> }[] = [];
  afterEach(async () => {
    for (const one of open.splice(0).reverse()) await one.close();
  });
  const pods = async (
    all: readonly Pod[],
    ports: Readonly<Record<number, PodServer>> = {},
  ): Promise<ProbedPods> => {
    for (const server of Object.values(ports)) open.push(server);
    const probed = await probedPods(all);
    open.push(probed);
    for (const { metadata } of all)
      for (const [port, server] of Object.entries(ports))
        probed.expose(metadata?.name ?? '', Number(port), server.port);
    return probed;
  };
  return { open, pods };
}

export const get = (path: string, port: string | number, more: object = {}) => ({
  httpGet: { path, port, ...more },
});
/** One container, its readiness asked like this. */
export const podWith = (readinessProbe: object, more: object = {}): Pod =>
  readyPod([
    container('app', { ports: [{ name: 'web', containerPort: 8080 }], readinessProbe, ...more }),
  ]);
