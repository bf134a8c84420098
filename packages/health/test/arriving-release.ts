import { parseReleasedImage } from '../src/index.ts';
import type { Any } from './watched-release.ts';

export const digest = `sha256:${'a'.repeat(64)}`;
export const images = [parseReleasedImage(`ghcr.io/acme/api:2@${digest}`)];
export const labels = { app: 'api' };
export const selector = { matchLabels: labels };

/** The deployment `api` with one replica set for each image so far; the last is the current one. */
export function deploymentOf(...of: string[]): Any[] {
  const template = (image: string) => ({
    metadata: { labels },
    spec: { containers: [{ name: 'main', image }] },
  });
  const current = of.at(-1) ?? '';
  return [
    ...of.map((image, index): Any => ({
      apiVersion: 'apps/v1',
      kind: 'ReplicaSet',
      metadata: {
        name: `api-r${index}`,
        namespace: 'shop',
        uid: `rs${index}`,
        labels: { ...labels, 'pod-template-hash': `r${index}` },
        ownerReferences: [
          { apiVersion: 'apps/v1', kind: 'Deployment', name: 'api', uid: 'd', controller: true },
        ],
      },
      spec: { replicas: 1, selector, template: template(image) },
    })),
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'api', namespace: 'shop', uid: 'd', generation: of.length },
      spec: { replicas: 1, selector, template: template(current) },
      status: {
        observedGeneration: of.length,
        replicas: 1,
        updatedReplicas: 1,
        availableReplicas: 1,
      },
    },
  ];
}

export const running = (image: string) => ({ spec: { containers: [{ name: 'main', image }] } });
export const old = 'ghcr.io/acme/api:1';
export const released = `ghcr.io/acme/api@${digest}`;
