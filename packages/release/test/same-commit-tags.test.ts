import { expect, test } from '@jest/globals';
import { planRelease, readEnvironments, type PlanFacts, type ReleaseEvent } from '../src/index.ts';
import { plannedService } from './planned-service.ts';

const names = ['api', 'ledger', 'rules'];

/** The plan of a tag on whose commit there are others. */
async function plan(
  tag: string,
  beside: readonly string[],
  given: Partial<PlanFacts> = {},
  event: ReleaseEvent = { kind: 'tag', tag },
) {
  return await planRelease(event, {
    services: names.map((name) => plannedService(name)),
    environments: readEnvironments({}),
    registry: 'ghcr.io/acme',
    namespace: '{environment}',
    sha: 'c'.repeat(40),
    commitTimeMs: 0,
    affected: () => Promise.reject(new Error('no tag asks what is affected')),
    tagsBeside: () => Promise.resolve([tag, ...beside]),
    testsOf: (asked) => [{ module: '', patterns: asked ?? ['./...'] }],
    ...given,
  });
}

test.each([
  { what: 'a higher one of the same service', tag: 'api/v1.2.3', beside: ['api/v1.2.4'] },
  { what: 'a higher one in another form', tag: 'api/v1.2.3', beside: ['services/api@1.10.0'] },
  { what: 'a higher one of every service', tag: 'api/v1.2.3', beside: ['v2.0.0'] },
  { what: 'a higher pre-release beside one', tag: 'v1.2.3-rc.1', beside: ['v1.2.3-rc.2'] },
])('a tag releases nothing when there is $what on its commit', async ({ tag, beside }) => {
  const { services, matrix, tests, why } = await plan(tag, beside);
  expect([services, matrix, tests]).toEqual([[], [], []]);
  expect(why).toContain(
    `without what ${beside[0]} on the same commit releases in a higher version`,
  );
});

test.each([
  { what: 'a lower one', tag: 'api/v1.2.4', beside: ['api/v1.2.3', 'v0.9.0'] },
  { what: 'one of another service', tag: 'api/v1.2.3', beside: ['ledger/v9.0.0'] },
  { what: 'the same version in another form', tag: 'api/v1.2.3', beside: ['api@1.2.3', 'v1.2.3'] },
  { what: 'a pre-release, which goes elsewhere', tag: 'api/v1.2.3', beside: ['api/v1.3.0-rc.1'] },
  { what: 'a final one beside a pre-release', tag: 'api/v1.3.0-rc.1', beside: ['api/v1.3.0'] },
  { what: 'a tag of something else', tag: 'api/v1.2.3', beside: ['nightly', 'web/v9.9.9'] },
  { what: 'none', tag: 'api/v1.2.3', beside: [] },
])('a tag releases its service when there is $what on its commit', async ({ tag, beside }) => {
  const { services, why } = await plan(tag, beside);
  expect([services, why]).toEqual([['api'], 'named by the tag']);
});

test('a tag of every service leaves those to their own tags that have a higher version', async () => {
  const beside = ['api/v1.9.0', 'api/v1.10.0', 'ledger/v1.0.1'];
  const { services, leftTo, tests } = await plan('v1.2.0', beside);
  expect(services).toEqual(['ledger', 'rules']);
  expect([...leftTo]).toEqual([['api', 'api/v1.10.0']]);
  expect(tests).toEqual([{ module: '', patterns: ['ledger', 'rules'] }]);
});

test('a release that is marked as a pre-release is held against pre-releases', async () => {
  const marked: ReleaseEvent = { kind: 'tag', tag: 'v1.2.3', markedPrerelease: true };
  expect((await plan('v1.2.3', ['v1.3.0'], {}, marked)).services).toEqual(names);
  expect((await plan('v1.2.3', ['v1.3.0-rc.1'], {}, marked)).services).toEqual([]);
});

test('who dispatches a tag gets it, whatever else is on its commit', async () => {
  const event: ReleaseEvent = { kind: 'dispatch', from: { tag: 'api/v1.2.3' }, inputs: {} };
  expect((await plan('api/v1.2.3', ['api/v1.2.4'], {}, event)).services).toEqual(['api']);
});
