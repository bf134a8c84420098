import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { openHelmFixture, type HelmFixture } from '../helm-fixture.ts';

jest.setTimeout(300_000);

describe.each(['v4', 'v3'] as const)('with Helm %s a first install', (major) => {
  let fixture: HelmFixture;
  beforeAll(async () => {
    fixture = await openHelmFixture('first', major);
  });
  afterAll(() => fixture.close());

  test('whose hook fails leaves neither a release nor the Job, and the next one works', async () => {
    const failing = 'env: { EXIT_AFTER: 0.5, EXIT_CODE: 4 }';
    // Helm itself would leave this Job, and meet it at the next install: "already exists".
    const hook = `event: pre-install, deletePolicy: hook-succeeded`;
    const { main } = await fixture.step({ values: `hook: { ${hook}, ${failing} }` });
    expect(main.exitCode).toBe(1);
    expect(main.outputs).toMatchObject({ status: 'uninstalled', 'rolled-back': 'true' });
    expect(main.summary).toContain('the first install was taken away again');
    expect(main.stdout).toContain('Removed what its hooks had started: Job/web-migrate');
    const jobs = await fixture.kubectl('get', 'jobs', '-n', fixture.namespace, '-o', 'name');
    expect(jobs).toBe('');
    const good = await fixture.step({ values: `hook: { ${hook}, env: { EXIT_AFTER: 0.1 } }` });
    expect(good.main.outputs).toMatchObject({ status: 'deployed', reason: '' });
  });
});
