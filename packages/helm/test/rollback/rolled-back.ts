import type { Pod } from '@slipway/kube';
import {
  rollbackRelease,
  upgradeRelease,
  type RollbackRequest,
  type RollbackResult,
} from '../../src/index.ts';
import { manifestOf, releaseScene, type ReleaseScene } from '../release-scene.ts';

export const secrets = /\/secrets$/;
export const away = { code: 504, reason: 'Timeout', message: 'request did not complete in time' };
export const api = { kind: 'deployment', name: 'api', namespace: 'shop' } as const;
export const extra = `---
apiVersion: v1
kind: ConfigMap
metadata: { name: extra }
`;

/** Upgrades the release to `image`, with `more` objects beside its deployment. */
export async function install(scene: ReleaseScene, image: string, more = ''): Promise<void> {
  scene.helm.setChart('app', { manifest: manifestOf(image, more) });
  await scene.finish(upgradeRelease(scene.ports, scene.request()));
}

/** A release with a good revision 1 and a good revision 2, which has one object more. */
export async function twoRevisions(): Promise<ReleaseScene> {
  const scene = releaseScene();
  await install(scene, 'good:1');
  await install(scene, 'good:2', extra);
  return scene;
}

/** Rolls the release back as an action does. */
export function rollback(
  scene: ReleaseScene,
  more: Partial<RollbackRequest> = {},
): Promise<RollbackResult> {
  const request = { release: 'api', namespace: 'shop', timeoutMs: 60_000, ...more };
  return scene.finish(rollbackRelease(scene.ports, request));
}

/** Changes the pods of the release behind the back of their controller, as soon as they are there. */
export function onPods(scene: ReleaseScene, change: (pod: Pod, index: number) => Pod): void {
  const changed = new Set<string>();
  scene.server.onChange(({ object, gone }) => {
    if (object.kind !== 'Pod' || gone || changed.has(object.metadata.uid)) return;
    changed.add(object.metadata.uid);
    scene.server.put(change(object as Pod, changed.size));
  });
}
