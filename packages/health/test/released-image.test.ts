import { describe, expect, test } from '@jest/globals';
import type { Pod } from '@slipway/kube';
import type { PodRecord } from '@slipway/rollout';
import { workloadOf } from '../../rollout/test/recorded.ts';
import { imageFinding, isReleased, parseReleasedImage } from '../src/findings/image-finding.ts';
import { servingFinding } from '../src/findings/serving-finding.ts';
import { record } from './found-facts.ts';

describe('the released image', () => {
  const digest = `sha256:${'a'.repeat(64)}`;
  const other = `sha256:${'b'.repeat(64)}`;
  const images = [parseReleasedImage(`ghcr.io/acme/api:1.2@${digest}`)];
  const run = (image: string, imageID = ''): PodRecord =>
    record({
      pod: {
        metadata: { name: 'api-1', uid: '1' },
        spec: {
          containers: [
            { name: 'proxy', image: `ghcr.io/mesh/proxy@${other}` },
            { name: 'main', image },
          ],
        },
        status: {
          containerStatuses: [{ name: 'main', image, imageID, ready: true, restartCount: 0 }],
        },
      },
    });

  test.each<[string, PodRecord[], string]>([
    ['is run where the pod names its digest', [run(`ghcr.io/acme/api@${digest}`)], 'good'],
    [
      'is run where the pod names the index and the runtime one platform of it',
      [run(`ghcr.io/acme/api@${digest}`, `ghcr.io/acme/api@${other}`)],
      'good',
    ],
    [
      'is run where a tag was resolved to it',
      [run('ghcr.io/acme/api:1.2', `ghcr.io/acme/api@${digest}`)],
      'good',
    ],
    [
      'is not run where the tag was resolved to another',
      [run('ghcr.io/acme/api:1.2', `ghcr.io/acme/api@${other}`)],
      'open',
    ],
    ['is not run where nothing was pulled yet', [run('ghcr.io/acme/api:1.2')], 'open'],
    [
      'is not run by all where one pod runs another',
      [run(`ghcr.io/acme/api@${digest}`), run('ghcr.io/acme/api:1.1', other)],
      'open',
    ],
    ['is not run without a pod', [], 'open'],
  ])('%s', (_, present, state) => {
    expect(imageFinding(images, present).state).toBe(state);
  });

  test('is told with what runs in its place', () => {
    const found = imageFinding(images, [run('ghcr.io/acme/api:1.1', `ghcr.io/acme/api@${other}`)]);
    expect(found.detail).toContain('pod/api-1 runs ghcr.io/acme/api:1.1 (sha256:bbbbbbbbbbbb)');
  });

  test.each(['ghcr.io/acme/api:1.2', 'api@sha256:abc', `a b@${digest}`])(
    'is not named by %s',
    (text) => {
      expect(() => parseReleasedImage(text)).toThrow('names no image by its digest');
    },
  );

  test('is waited for as long as neither the template nor a pod has it', () => {
    const template = (image: string): NonNullable<Pod['spec']> => ({
      containers: [{ name: 'main', image }],
    });
    const before = workloadOf({ template: template('ghcr.io/acme/api:1.1') });
    const after = workloadOf({ template: template(`ghcr.io/acme/api@${digest}`) });
    expect([
      isReleased(images, before, [run('ghcr.io/acme/api:1.1', other)]),
      isReleased(images, before, [run('ghcr.io/acme/api:1.1', digest)]),
      isReleased(images, after, []),
    ]).toEqual([false, true, true]);
  });
});

describe('serving', () => {
  const service = { name: 'api', selector: 'app=api' } as const;
  const selects = { ...service, relation: 'selects' } as const;
  const missing = (sinceMs: number) => [
    { service: 'api', pod: 'api-1', why: 'is in none of its EndpointSlices', sinceMs },
  ];

  test.each<[string, number, string, boolean]>([
    ['a moment ago is open and well', 99_000, 'open', true],
    ['for longer than it takes to be filled in is open, and not well', 80_000, 'open', false],
    ['for longer than that is bad', 50_000, 'bad', false],
  ])('a pod that is not among the endpoints since %s', (_, sinceMs, state, well) => {
    const evidence = { services: [selects], unserved: missing(sinceMs), wellSinceMs: 7 };
    const found = servingFinding(evidence, 100_000);
    expect([found?.state, found?.wellSinceMs === 7]).toEqual([state, well]);
    expect(found?.detail).toContain('pod/api-1 is in none of its EndpointSlices');
  });

  test('of every pod is good, and no Service at all is no matter', () => {
    const all = { services: [selects], unserved: [], wellSinceMs: 7 };
    expect(servingFinding(all, 100_000)).toMatchObject({ state: 'good', wellSinceMs: 7 });
    expect(servingFinding({ ...all, services: [] }, 100_000)).toBeUndefined();
  });

  test('a selector that the new pods do not have is named', () => {
    const lost = { ...service, relation: 'lost' } as const;
    const evidence = { services: [lost], unserved: missing(0), wellSinceMs: 7 };
    expect(servingFinding(evidence, 100_000)).toMatchObject({
      state: 'bad',
      detail: 'service/api selects app=api: earlier pods have these labels, the new ones have not',
    });
  });
});
