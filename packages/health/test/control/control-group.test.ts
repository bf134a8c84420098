import { describe, expect, test } from '@jest/globals';
import { badClasses, unprovenClasses } from '../../../../bench/verify-health/bad-classes.ts';
import { goodClasses } from '../../../../bench/verify-health/good-classes.ts';
import type { ReleaseClass, Setting } from '../../../../bench/verify-health/release-class.ts';
import {
  scrapedRelease,
  type ScrapedRelease,
} from '../../../../bench/verify-health/scraped-release.ts';
import { verifyHealth } from '../../../../bench/verify-health/verifiers.ts';
import { shareFinding } from '../../src/findings/index.ts';
import { decideShare, type ControlUnit, type ShareUnit } from '../../src/judge/index.ts';
import { parseRequirement } from '../../src/judge/requirement.ts';

/** What pods of one kind count; times in seconds from the begin of the verification. */
function counted(of: {
  from?: number;
  until: number;
  requests?: number;
  node?: (pod: number) => string;
  pods?: number;
  share: (second: number, pod: number) => number;
}): ShareUnit[] {
  const { from = 0, until, requests = 20, pods = 2, share } = of;
  const { node = (pod: number) => `node-${pod}` } = of;
  return Array.from({ length: (until - from) / 2 }, (_, step) => from + 2 * step).flatMap(
    (second) =>
      Array.from({ length: pods }, (_, pod) => ({
        pod: `api-${pod}`,
        node: node(pod),
        fromMs: second * 1000,
        atMs: (second + 2) * 1000,
        total: requests,
        bad: Math.round(requests * share(second, pod)),
      })),
  );
}

const decide = (units: readonly ShareUnit[], control: readonly ControlUnit[], seconds = 40) =>
  decideShare(units, { limit: 0.1, beganMs: 0, nowMs: seconds * 1000, control });

const find = (units: readonly ShareUnit[], control: readonly ControlUnit[], seconds = 40) =>
  shareFinding(
    {
      ...{ name: 'error share', must: parseRequirement('< 0.1'), missing: undefined, warnings: [] },
      ...{ units, control },
    },
    { beganMs: 0, nowMs: seconds * 1000 },
  );

describe('failures that old pods have as well', () => {
  const sick = (second: number): number => (second >= 10 ? 0.5 : 0);

  test('are not blamed on the release, and it does not pass either', () => {
    const units = counted({ until: 40, share: sick });
    const old = counted({ from: -60, until: 40, share: sick });
    expect(decide(units, []).decision).toBe('above');
    expect(decide(units, old)).toMatchObject({
      ...{ decision: 'open', rising: true, wellSinceMs: undefined },
      shared: { gone: false, where: undefined },
    });
  });

  test('are told with both shares, and what to look at', () => {
    const units = counted({ until: 40, share: sick });
    const old = counted({ from: -60, until: 40, share: (second) => 0.9 * sick(second) });
    expect(find(units, old)).toMatchObject({
      state: 'open',
      detail: expect.stringContaining(
        'old pods fail as much (45 % against 50 %) in the same minutes: not blamed on the release',
      ),
      next: expect.stringContaining('what new and old pods share'),
    });
  });

  test('count in the last minute of old pods that are gone', () => {
    const share = (): number => 0.5;
    const units = counted({ until: 40, share });
    const old = counted({ from: -60, until: 0, share });
    expect(decide(units, old)).toMatchObject({ decision: 'open', shared: { gone: true } });
    expect(find(units, old).detail).toContain('old pods failed as much (50 % against 50 %) in');
    const wellInTheEnd = counted({ from: -120, until: 0, share: (second) => +(second < -60) });
    expect(decide(units, wellInTheEnd).decision).toBe('above');
  });

  test('are blamed where the new ones fail more than twice as often', () => {
    const units = counted({ until: 40, share: () => 0.7 });
    const old = (share: number) => counted({ from: -60, until: 40, share: () => share });
    expect(decide(units, old(0.2)).decision).toBe('above');
    expect(decide(units, old(0.4)).decision).toBe('open');
  });

  test('are blamed when those of the old pods are over by then', () => {
    const units = counted({ until: 60, share: (second) => (second < 20 ? 0.5 : 0.4) });
    const old = counted({ from: -60, until: 60, share: (second) => (second < 20 ? 0.5 : 0) });
    expect(decide(units, old, 20).decision).toBe('open');
    expect(decide(units, old, 60).decision).toBe('above');
  });

  test('begin the soak anew when they are over', () => {
    const burst = (second: number): number => (second >= 10 && second < 24 ? 0.5 : 0);
    const units = counted({ until: 200, share: burst });
    const old = counted({ from: -60, until: 200, share: burst });
    expect(decide(units, old, 200)).toMatchObject({ decision: 'below', wellSinceMs: 24_000 });
    expect(decide(units, [], 200).wellSinceMs).toBe(0);
  });

  test('are no excuse when there is only one', () => {
    const units = counted({ until: 40, share: () => 0.5 });
    const old = counted({ from: 0, until: 40, pods: 1, requests: 2, share: () => 0 });
    const once = old.map((unit, index) => ({ ...unit, bad: index === 5 ? 1 : 0 }));
    expect(decide(units, once).decision).toBe('above');
  });

  test('of a node are named with it, and not blamed', () => {
    const share = (_: number, pod: number): number => (pod === 0 ? 0.8 : 0);
    const units = counted({ until: 40, pods: 4, share });
    const old = counted({ from: -60, until: 40, pods: 8, share });
    expect(decide(units, []).where).toMatchObject({ kind: 'pod', name: 'api-0' });
    expect(decide(units, old)).toMatchObject({
      decision: 'open',
      shared: { where: { kind: 'node', name: 'node-0' } },
    });
    expect(find(units, old)).toMatchObject({
      detail: expect.stringContaining('mostly of node/node-0, where '),
      next: 'See what ails node/node-0, then verify again.',
    });
  });

  test('of another node are no excuse', () => {
    const units = counted({ until: 40, pods: 4, share: (_, pod) => (pod === 0 ? 0.8 : 0) });
    const old = counted({ from: -60, until: 40, pods: 8, share: (_, pod) => (pod === 3 ? 1 : 0) });
    expect(decide(units, old).decision).toBe('above');
  });

  test('of another route are no excuse', () => {
    const on = (route: string, units: readonly ShareUnit[]) =>
      units.map((unit) => ({ ...unit, route }));
    const fine = on('/orders', counted({ until: 40, requests: 200, share: () => 0 }));
    const units = [...fine, ...on('/pay', counted({ until: 40, share: () => 0.9 }))];
    const old = (route: string) => [
      ...fine,
      ...on(route, counted({ until: 40, share: () => 0.9 })),
    ];
    const sorted = units.sort((a, b) => a.atMs - b.atMs);
    expect(decide(sorted, old('/list')).decision).toBe('above');
    expect(decide(sorted, old('/pay')).decision).toBe('open');
  });
});

const setting: Setting = {
  ...{ requestsPerSecond: 20, scrapeSeconds: 2, pods: 8, limit: 0.1 },
  ...{ minSoakSeconds: 30, deadlineSeconds: 90 },
};
const all: readonly ReleaseClass[] = [...goodClasses, ...badClasses, ...unprovenClasses];

function releasesOf(name: string, seeds: number): ScrapedRelease[] {
  const release = all.find((one) => one.name === name);
  if (release === undefined) throw new Error(`there is no class ${name}`);
  return Array.from({ length: seeds }, (_, seed) => scrapedRelease(release, setting, seed));
}

const verdictsOf = (name: string): string[] =>
  releasesOf(name, 2).map((release) => verifyHealth(release).verdict);

describe('of releases that a generator made', () => {
  test.each([
    'database sick for 20 s, hits old and new',
    'database fails 30 % for 60 s, hits old and new',
    'node busy for 30 s, hits old and new',
  ])('none is called bad: %s', (name) => {
    expect(verdictsOf(name)).not.toContain('unhealthy');
  });

  test('what fails for good never passes, whoever fails with it', () => {
    const verdicts = verdictsOf('database fails 30 % for good, hits old and new');
    expect(verdicts).toEqual(Array(2).fill('undecided'));
  });

  test('old pods that serve well change nothing, and 20 % are called as fast as without them', () => {
    for (const release of releasesOf('20 % fail, old pods serve well', 8)) {
      const said = verifyHealth(release);
      expect(said.verdict).toBe('unhealthy');
      expect(said).toEqual(verifyHealth({ ...release, control: [] }));
    }
  });

  test('old pods that are a little sick too do not save a sick release', () => {
    const verdicts = verdictsOf('50 % fail, 5 % of old pods’ too');
    expect(verdicts).toEqual(Array(2).fill('unhealthy'));
  });
});
