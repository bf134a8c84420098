import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { runBundle, startFakeGitHub, type FakeGitHub } from '@slipway/testing';
import { ensureBundles } from '../../../tools/bundle/fresh-bundles.ts';

// A bundle may have to be made first.
jest.setTimeout(600_000);

describe('the bundle of deployment-record', () => {
  let github: FakeGitHub;
  beforeAll(async () => {
    await ensureBundles(['deployment-record']);
    github = await startFakeGitHub();
  }, 600_000);
  afterAll(() => github.close());
  afterEach(() => {
    github.repository.deployments = [];
    github.always = undefined;
  });

  const record = (inputs: Readonly<Record<string, string>>) =>
    runBundle({
      action: 'deployment-record',
      env: { GITHUB_API_URL: github.apiUrl },
      inputs: {
        environment: 'staging',
        service: 'api',
        version: '1.4.0',
        'environment-url': 'https://staging.acme.test',
        'github-token': 'a-token',
        ...inputs,
      },
    });

  it('writes one deployment, first in progress and then what came of it', async () => {
    const begun = await record({ status: 'in-progress' });
    expect(begun.exitCode).toBe(0);
    expect(begun.summary).toBe('');
    const { deployment = '' } = begun.outputs;
    const ended = await record({ status: 'success', deployment });
    expect(ended.outputs['deployment']).toBe(deployment);
    expect(ended.summary).toContain('api 1.4.0 deployed');
    expect(github.problems).toEqual([]);
    expect(github.repository.deployments).toMatchObject([
      {
        id: Number(deployment),
        environment: 'staging',
        task: 'slipway:api',
        statuses: [
          {
            state: 'success',
            logUrl: 'https://github.com/acme/shop/actions/runs/1',
            environmentUrl: 'https://staging.acme.test',
          },
          { state: 'in_progress' },
        ],
      },
    ]);
  });

  it('keeps the records of two places apart', async () => {
    await record({ status: 'success', target: 'eu' });
    await record({ status: 'success', target: 'us' });
    expect(github.problems).toEqual([]);
    expect(github.repository.deployments).toMatchObject([
      { task: 'slipway:api@us', payload: { service: 'api', target: 'us' } },
      { task: 'slipway:api@eu', payload: { service: 'api', target: 'eu' } },
    ]);
  });

  it('writes a cancelled job as an error, and a failed one as a failure', async () => {
    await record({ status: 'cancelled' });
    await record({ status: 'failure' });
    const states = github.repository.deployments.map(({ statuses }) => statuses[0]?.state);
    expect(states).toEqual(['failure', 'error']);
  });

  it('lets the release go on without the right, and says what is lost and what to grant', async () => {
    github.always = { status: 403, body: { message: 'Resource not accessible by integration' } };
    const begun = await record({ status: 'in-progress' });
    expect(begun.exitCode).toBe(0);
    expect(begun.outputs['deployment']).toBe('');
    expect(begun.annotations).toEqual([]);
    const ended = await record({ status: 'success', deployment: '' });
    expect(ended.exitCode).toBe(0);
    expect(ended.annotations).toHaveLength(1);
    expect(ended.annotations[0]).toMatchObject({ level: 'warning' });
    for (const text of [ended.annotations[0]?.message, ended.summary])
      expect(text).toMatch(
        /By the record api is not deployed to staging at \w{7}: a plan that goes by the record[^]*deployments: write/,
      );
  });

  it('promises no later plan for a failure that could not be written', async () => {
    github.always = { status: 403, body: { message: 'Resource not accessible by integration' } };
    const { annotations } = await record({ status: 'failure' });
    expect(annotations[0]?.message).toContain(
      'The record does not tell that api was not deployed to staging: release api again if the next plan does not take it up.',
    );
  });

  it('writes at the end what could not be written at the beginning', async () => {
    github.always = { status: 422, body: { message: 'Validation Failed' } };
    const begun = await record({ status: 'in-progress' });
    github.always = undefined;
    await record({ status: 'success', deployment: begun.outputs['deployment'] ?? '' });
    expect(github.repository.deployments).toMatchObject([{ statuses: [{ state: 'success' }] }]);
  });

  it('writes anew what somebody deleted while it was under way', async () => {
    const { outputs } = await record({ status: 'in-progress' });
    github.repository.deployments = [];
    const { deployment = '' } = outputs;
    const ended = await record({ status: 'success', deployment });
    expect(ended.annotations).toEqual([]);
    expect(github.repository.deployments).toMatchObject([{ statuses: [{ state: 'success' }] }]);
  });

  it('asks nobody without a token', async () => {
    github.seen = [];
    const run = await record({ status: 'success', 'github-token': '' });
    expect(run.exitCode).toBe(0);
    expect(run.annotations[0]?.message).toContain('github-token is empty');
    expect(github.seen).toEqual([]);
  });
});
