import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openHarbour, resultsOf, summariesOf, type Harbour } from './harbour.ts';

let harbour: Harbour;
beforeAll(async () => {
  harbour = await openHarbour();
}, 600_000);
afterAll(() => harbour.close());

/** A test that only a build with the tag has, and that fails. */
const gauge = {
  'internal/tide/gauge_test.go':
    '//go:build gauge\n\npackage tide\n\nimport "testing"\n\nfunc TestGauge(t *testing.T) { t.Fatal("out of order") }\n',
};

describe('what is tested before a merge', () => {
  test('is tested with the build tags of slipway.yml', async () => {
    const without = await harbour.pullRequest(gauge, 'check.yml');
    expect(resultsOf(without)).toMatchObject({ 'Test root': 'success', Checked: 'success' });
    const fleet = { 'slipway.yml': 'defaults: { tags: gauge }\n' };
    const tagged = await harbour.pullRequest({ ...gauge, ...fleet }, 'check.yml');
    expect(resultsOf(tagged)).toMatchObject({ 'Test root': 'failure', Checked: 'failure' });
    expect(summariesOf(tagged)).toContain('TestGauge');
  }, 600_000);

  test('is tested once more with the tags of a service that has its own', async () => {
    const fleet = { 'slipway.yml': 'services: { services/*: , services/buoy: { tags: gauge } }\n' };
    const tagged = await harbour.pullRequest({ ...gauge, ...fleet }, 'check.yml');
    expect(resultsOf(tagged)).toMatchObject({
      'Test root': 'success',
      'Test root-gauge': 'failure',
      Checked: 'failure',
    });
  }, 600_000);

  test('has the settings of slipway.yml also when the caller names the packages', async () => {
    const check = harbour
      .workflow('check.yml')
      .replace(/^( *)services: .*$/m, '$&\n$1packages: ./internal/...');
    const edit = {
      ...gauge,
      '.github/workflows/named.yml': check,
      'README.md': 'Nothing that is built or tested.\n',
      'slipway.yml': "defaults: { tags: gauge, go: { build-cache: 'off' } }\n",
    };
    const named = await harbour.pullRequest(edit, 'named.yml');
    expect(resultsOf(named)).toMatchObject({ 'Test root': 'failure', Checked: 'failure' });
    expect(summariesOf(named)).toContain('TestGauge');
    const job = named.jobs.find(({ name }) => name.startsWith('Test root'));
    expect(job?.matrix).toMatchObject({
      go: '{"build-cache":"off"}',
      packages: './internal/...\n',
    });
  }, 600_000);
});
