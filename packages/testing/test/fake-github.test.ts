import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { startFakeGitHub, type FakeGitHub } from '../src/index.ts';

let github: FakeGitHub;

beforeAll(async () => {
  github = await startFakeGitHub();
});
afterAll(() => github.close());
afterEach(() => {
  github.problems = [];
});

async function ask(method: string, path: string, body?: unknown): Promise<Response> {
  return fetch(github.apiUrl + path, {
    method,
    headers: { authorization: 'token a-token' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

const deployments = '/repos/acme/shop/deployments';

test.each([
  {
    what: 'a field that GitHub does not have',
    request: ['POST', deployments, { ref: 'main', required_context: [] }],
    problem: 'POST /repos/acme/shop/deployments: .required_context is not described',
  },
  {
    what: 'a field of another type',
    request: ['POST', deployments, { ref: 'main', auto_merge: 'no' }],
    problem: 'POST /repos/acme/shop/deployments: /auto_merge must be boolean',
  },
  {
    what: 'a field that is missing',
    request: ['POST', deployments, { environment: 'staging' }],
    problem: "POST /repos/acme/shop/deployments:  must have required property 'ref'",
  },
  {
    what: 'a state that GitHub does not have',
    request: ['POST', `${deployments}/1/statuses`, { state: 'cancelled' }],
    problem:
      'POST /repos/acme/shop/deployments/1/statuses: /state must be equal to one of the allowed values',
  },
  {
    what: 'an unknown query',
    request: ['GET', `${deployments}?env=staging`],
    problem: 'GET /repos/acme/shop/deployments: the query env is not described',
  },
  {
    what: 'an unknown path',
    request: ['GET', '/repos/acme/shop/deployment'],
    problem: 'GET /repos/acme/shop/deployment: GitHub has no such operation',
  },
] as const)('$what is refused and noted', async ({ request, problem }) => {
  const [method, path, body] = request;
  const response = await ask(method, path, body);
  expect(response.status).toBeGreaterThanOrEqual(400);
  expect(github.problems).toEqual([problem]);
});

test.each([
  {
    query:
      'query { repository(owner: "acme", name: "shop") { deploymnts(first: 1) { totalCount } } }',
    message: "Field 'deploymnts' doesn't exist on type 'Repository'",
  },
  {
    query: 'query { repository(name: "shop") { deployments(task: "x") { totalCount } } }',
    message: "Field 'deployments' doesn't accept argument 'task'",
  },
  {
    query: 'query { repository(name: "shop") { deployments(first: 1) } }',
    message: "Field 'deployments' must have selections",
  },
  {
    query: 'query { repository(name: "shop") { deployments { totalCount } } }',
    message: "You must provide a 'first' or 'last' value to properly paginate",
  },
  {
    query: 'query ($o: Int) { repository(owner: $o) { deployments(first: 1) { totalCount } } }',
    message: 'Type mismatch on variable $o: Int / String!',
  },
])('GraphQL says $message', async ({ query, message }) => {
  const response = await ask('POST', '/graphql', { query, variables: {} });
  expect(await response.json()).toEqual({ data: null, errors: [{ message }] });
});

test('without its token nothing is told', async () => {
  const response = await fetch(github.apiUrl + deployments);
  expect(response.status).toBe(401);
});
