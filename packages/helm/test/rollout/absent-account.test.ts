import { describe, expect, test } from '@jest/globals';
import type { RolloutTarget } from '../../src/rollout/targets.ts';
import { type Json, start } from './followed-rollout.ts';

describe('a service account that no manifest names any more', () => {
  const path = '/apis/apps/v1/namespaces/shop/statefulsets/api';
  const account = { serviceAccountName: 'ghost', serviceAccount: 'ghost' };

  function stained(change: RolloutTarget['account']) {
    const scene = start({ target: { account: change } });
    scene.putSet(2, 0);
    const found = scene.server.object(path) as unknown as { spec: { template: object } };
    const template = { ...found.spec.template, spec: account };
    scene.server.put({ ...found, spec: { ...found.spec, template } } as never);
    const read = () =>
      (scene.server.object(path) as unknown as { spec: { template: { spec: object } } }).spec
        .template.spec;
    return { ...scene, read };
  }

  test.each<[string, RolloutTarget['account'], object]>([
    ['is taken away when the manifest before named it', 'dropped', {}],
    ['stays when the manifest names one', 'named', account],
    ['stays when nobody ever named one and it does no harm', 'none', account],
  ])('%s', async (_, change, left) => {
    const { clock, log, read, follow } = stained(change);
    follow();
    await clock.advance(5_000);
    expect(read()).toEqual(left);
    expect(log.text().includes('Took the service account ghost')).toBe(change === 'dropped');
  });

  test('is taken away when it keeps pods from being made', async () => {
    const { clock, server, read, follow } = stained('none');
    server.put<Json>({
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: 'made', namespace: 'shop' },
      type: 'Warning',
      reason: 'FailedCreate',
      message: 'Error creating: pods "api-0" is forbidden: serviceaccount "ghost" not found',
      involvedObject: { kind: 'StatefulSet', name: 'api', uid: 's' },
    });
    follow();
    await clock.advance(5_000);
    expect(read()).toEqual({});
  });
});
