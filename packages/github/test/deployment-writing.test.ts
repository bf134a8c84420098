import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { addDeploymentStatus, createDeployment, openLedger, readDeployed } from '../src/index.ts';
import { commitA, startFakeRepository, versionOf, type FakeRepository } from './fake-repository.ts';

let github: FakeRepository;

beforeAll(async () => {
  github = await startFakeRepository();
});
afterAll(() => github.close());
afterEach(() => github.reset());

const staging = {
  environment: 'staging',
  logUrl: 'https://github.com/acme/shop/actions/runs/1',
  environmentUrl: 'https://staging.acme.test',
  description: 'verified healthy',
};

test('a deployment is written for one commit, waits for no checks and merges nothing', async () => {
  const id = await createDeployment(github.client(), {
    environment: 'staging',
    version: versionOf('api'),
  });
  expect(github.fake.seen).toMatchObject([
    {
      method: 'POST',
      path: '/repos/acme/shop/deployments',
      body: {
        ref: commitA,
        task: 'slipway:api',
        environment: 'staging',
        auto_merge: false,
        required_contexts: [],
        description: 'api 1.4.0',
        payload: { service: 'api', version: '1.4.0', commit: commitA, namespace: 'staging' },
      },
    },
  ]);
  expect(github.fake.repository.deployments).toMatchObject([{ id, sha: commitA }]);
});

test('its status has the run, the address and at most 140 characters', async () => {
  const id = await createDeployment(github.client(), {
    environment: 'staging',
    version: versionOf('api'),
  });
  await addDeploymentStatus(github.client(), {
    id,
    service: 'api',
    status: { ...staging, state: 'success', description: 'long '.repeat(100) },
  });
  const [status] = github.fake.repository.deployments[0]?.statuses ?? [];
  expect(status).toMatchObject({
    state: 'success',
    logUrl: staging.logUrl,
    environmentUrl: staging.environmentUrl,
  });
  expect(status?.description).toHaveLength(140);
});

test('services of one environment leave each other active', async () => {
  for (const service of ['api', 'worker']) {
    const id = await createDeployment(github.client(), {
      environment: 'staging',
      version: versionOf(service),
    });
    for (const state of ['in_progress', 'success'] as const)
      await addDeploymentStatus(github.client(), { id, service, status: { ...staging, state } });
  }
  const states = github.fake.repository.deployments.map(({ statuses }) => statuses[0]?.state);
  expect(states).toEqual(['success', 'success']);
});

test('what was written is what is read', async () => {
  const version = versionOf('api');
  const id = await createDeployment(github.client(), { environment: 'staging', version });
  await addDeploymentStatus(github.client(), {
    id,
    service: 'api',
    status: { ...staging, state: 'success' },
  });
  const ledger = openLedger(github.client(), 'staging');
  const { deployed } = await readDeployed(ledger, { services: ['api'] });
  expect(deployed.get('api')?.version).toEqual(version);
});

test('on GitHub Enterprise Server both APIs are where they are there', async () => {
  const enterprise = await startFakeRepository({ enterprise: true });
  try {
    const client = enterprise.client();
    const id = await createDeployment(client, { environment: 'qa', version: versionOf('api') });
    const status = { ...staging, environment: 'qa', state: 'success' as const };
    await addDeploymentStatus(client, { id, service: 'api', status });
    const { deployed } = await readDeployed(openLedger(client, 'qa'), { services: ['api'] });
    expect([...deployed.keys()]).toEqual(['api']);
    expect(enterprise.fake.seen.map(({ path }) => path)).toEqual([
      '/api/v3/repos/acme/shop/deployments',
      `/api/v3/repos/acme/shop/deployments/${id}/statuses`,
      '/api/graphql',
    ]);
    expect(enterprise.fake.problems).toEqual([]);
  } finally {
    await enterprise.close();
  }
});
