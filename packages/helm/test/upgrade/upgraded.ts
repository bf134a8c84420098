import {
  finishInterrupted,
  upgradeRelease,
  type InterruptedResult,
  type Operation,
  type UpgradeResult,
} from '../../src/index.ts';
import { anotherJob, releaseScene, type ReleaseScene } from '../release-scene.ts';

export const lease = '/apis/coordination.k8s.io/v1/namespaces/shop/leases/slipway-api';
export const deployment = '/apis/apps/v1/namespaces/shop/deployments/api';
export const secrets = /\/secrets$/;
export const away = { code: 504, reason: 'Timeout', message: 'request did not complete in time' };

export function upgrade(scene: ReleaseScene, more = {}): Promise<UpgradeResult> {
  return scene.finish(upgradeRelease(scene.ports, scene.request(more)));
}

/** A release of revision 1 that serves. */
export async function installed(): Promise<ReleaseScene> {
  const scene = releaseScene();
  await upgrade(scene);
  return scene;
}

/** The error with which an upgrade ends, and the operation that was noted. */
export async function cutOff(
  scene: ReleaseScene,
): Promise<{ error: unknown; begun: readonly Operation[] }> {
  const begun: Operation[] = [];
  const onBegin = (operation: Operation): void => void begun.push(operation);
  const error: unknown = await upgrade(scene, { onBegin }).catch((caught: unknown) => caught);
  return { error, begun };
}

/** An upgrade that is finished by another process. */
export async function finishedBy(
  scene: ReleaseScene,
  begun: readonly Operation[],
): Promise<InterruptedResult> {
  const [operation] = begun;
  if (operation === undefined) throw new Error('The upgrade had not begun.');
  return await scene.finish(finishInterrupted(anotherJob(scene).ports, operation));
}
