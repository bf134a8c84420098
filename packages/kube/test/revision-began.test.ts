import { expect, test } from '@jest/globals';
import { fakeApiServer, steppedClock } from '@slipway/testing';
import { parseWorkload, readWorkload, revisionBeganMs, type KubeObject } from '../src/index.ts';

type Any = KubeObject & Readonly<Record<string, unknown>>;

const labels = { app: 'db' };
const spec = { selector: { matchLabels: labels }, template: { metadata: { labels } } };
const hash = 'controller-revision-hash';

function revision(name: string, number: number, owner: string, made: string): Any {
  const short = name.replace(/^db-/, '');
  return {
    apiVersion: 'apps/v1',
    kind: 'ControllerRevision',
    metadata: {
      name,
      namespace: 'shop',
      uid: name,
      creationTimestamp: made,
      labels: { ...labels, [hash]: short },
      ownerReferences: [
        { apiVersion: 'apps/v1', kind: 'X', name: 'db', uid: owner, controller: true },
      ],
    },
    revision: number,
  };
}

async function began(kind: 'StatefulSet' | 'DaemonSet', forbidden = false) {
  const api = fakeApiServer({ clock: steppedClock(0) });
  const ref = parseWorkload(`${kind.toLowerCase()}/db`, 'shop');
  const metadata = { name: 'db', namespace: 'shop', uid: 'db' };
  const status = { updateRevision: 'db-2' };
  api.put({ apiVersion: 'apps/v1', kind, metadata, spec, status });
  api.put(revision('db-1', 1, 'db', '2026-01-01T00:00:00Z'));
  api.put(revision('db-2', 2, 'db', '2026-01-02T00:00:00Z'));
  api.put(revision('other-2', 3, 'other', '2026-01-03T00:00:00Z'));
  const client = api.client();
  const workload = await readWorkload(client, ref);
  if (forbidden) api.forbid('list', 'controllerrevisions');
  return await revisionBeganMs(client, workload);
}

test.each(['StatefulSet', 'DaemonSet'] as const)(
  'the revision of a %s began when its own was made, not that of another',
  async (kind) => {
    expect(await began(kind)).toBe(Date.parse('2026-01-02T00:00:00Z'));
  },
);

test('who may not list revisions does not know', async () => {
  expect(await began('StatefulSet', true)).toBeUndefined();
});
