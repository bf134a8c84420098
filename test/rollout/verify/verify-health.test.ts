import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { runnerGraceMs, type BundleResult } from '@slipway/testing';
import { limited } from '../../../packages/health/src/observe/metrics/concurrency-limit.ts';
import { accessCases } from './access-cases.ts';
import { behaviourCases } from './behaviour-cases.ts';
import { evidenceCases } from './evidence-cases.ts';
import { one, type ReleaseCase } from './release-case.ts';
import { openVerifyFixture, type VerifyFixture } from './verify-fixture.ts';

jest.setTimeout(600_000);

/** So that the two cores of a small machine keep up. */
const atOnce = limited(3);

const cases: Record<string, ReleaseCase> = { ...behaviourCases, ...evidenceCases, ...accessCases };

describe('a release', () => {
  const fixtures: VerifyFixture[] = [];
  const results = new Map<string, Promise<{ result: BundleResult; fixture: VerifyFixture }>>();

  beforeAll(() => {
    for (const [key, { run }] of Object.entries(cases)) {
      const started = atOnce(async () => {
        const fixture = await openVerifyFixture(key.toLowerCase());
        fixtures.push(fixture);
        return { result: await run(fixture), fixture };
      });
      // A case that fails does so in its own test.
      started.catch(() => undefined);
      results.set(key, started);
    }
  });
  afterAll(async () => {
    await Promise.all(fixtures.map((fixture) => fixture.close()));
  });

  test.each(Object.entries(cases).map(([key, { name }]) => [name, key]))('%s', async (_, key) => {
    const outcome = await results.get(key);
    if (outcome === undefined) throw new Error(`The case ${key} was not run.`);
    expect.hasAssertions();
    await cases[key]?.check(outcome.result, outcome.fixture);
  });
});

test('a cancelled job ends before the runner insists and leaves the certificate of what was seen', async () => {
  const fixture = await openVerifyFixture('cancel');
  const cancelled = async (): Promise<BundleResult> => {
    await fixture.release(one);
    return await fixture.verify(
      { 'min-soak': '50s' },
      { signals: [{ signal: 'SIGINT', afterLine: 'soak' }] },
    );
  };
  const result = await cancelled().finally(() => fixture.close());
  expect(result.exitCode).toBe(130);
  expect(result.sinceSignalMs).toBeLessThan(runnerGraceMs);
  expect(Object.keys(result.outputs).sort()).toEqual([
    'certificate',
    'certificate-predicate',
    'certificate-subjects',
    'chart',
  ]);
});
