import { randomUUID } from 'node:crypto';
import type { DescribedOperation, Description } from './description.ts';
import {
  addDeployment,
  type StoredCommitStatus,
  type StoredDeployment,
  type StoredPull,
  type StoredRepository,
  type StoredStatus,
} from './stored-repository.ts';

/** What the fake answers. */
export interface RestAnswer {
  status: number;
  body: unknown;
}

/** A request that GitHub describes. */
export interface RestRequest {
  operation: DescribedOperation;
  query: URLSearchParams;
  body: Readonly<Record<string, unknown>>;
  authorization: string;
}

type Fields = Record<string, unknown>;
type Answer = (
  request: RestRequest,
  repository: StoredRepository,
  example: (status: number) => Fields,
) => RestAnswer;

const notFound: RestAnswer = {
  status: 404,
  body: { message: 'Not Found', documentation_url: 'https://docs.github.com/rest', status: '404' },
};

function shownDeployment(example: Fields, stored: StoredDeployment): Fields {
  const { id, sha, ref, task, environment, payload, description, createdAt } = stored;
  const of = { id, sha, ref, task, environment, payload, description };
  return { ...example, ...of, original_environment: environment, created_at: createdAt };
}

function shownStatus(example: Fields, stored: StoredStatus, index: number): Fields {
  const { state, createdAt, environment = '', logUrl = '', environmentUrl = '' } = stored;
  return {
    ...example,
    id: index + 1,
    state,
    created_at: createdAt,
    environment,
    log_url: logUrl,
    target_url: logUrl,
    environment_url: environmentUrl,
    description: stored.description ?? '',
  };
}

function shownCommitStatus(example: Fields, stored: StoredCommitStatus): Fields {
  const { state, context, description, targetUrl, creator } = stored;
  const login = { ...(example['creator'] as Fields), login: creator };
  return { ...example, state, context, description, target_url: targetUrl, creator: login };
}

function shownPull(example: Fields, stored: StoredPull): Fields {
  const head = example['head'] as Fields;
  const { headSha, headRepository } = stored;
  const repo =
    headRepository === null ? null : { ...(head['repo'] as Fields), full_name: headRepository };
  return {
    ...example,
    number: stored.number,
    merge_commit_sha: stored.mergeCommit,
    merged_at: stored.mergedAt,
    // GitHub's example lacks a field of teams that its description requires.
    requested_teams: [],
    head: { ...head, sha: headSha, repo },
  };
}

function page<T>(all: readonly T[], query: URLSearchParams): readonly T[] {
  const size = Math.min(100, Number(query.get('per_page') ?? 30));
  const first = (Number(query.get('page') ?? 1) - 1) * size;
  return all.slice(first, first + size);
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const now = (at: number): string => new Date(1_795_000_000_000 + at * 1000).toISOString();

/** The first of an example that is a list. */
function one(example: unknown): Fields {
  return (Array.isArray(example) ? (example as unknown[])[0] : example) as Fields;
}

const answers: Readonly<Record<string, Answer>> = {
  'get /repos/{owner}/{repo}/deployments': ({ query }, { deployments }, example) => {
    const fits = (stored: StoredDeployment): boolean =>
      (['sha', 'ref', 'task', 'environment'] as const).every((name) => {
        const wanted = query.get(name) ?? 'none';
        return wanted === 'none' || stored[name] === wanted;
      });
    const found = page(deployments.filter(fits), query);
    return { status: 200, body: found.map((stored) => shownDeployment(one(example(200)), stored)) };
  },
  'post /repos/{owner}/{repo}/deployments': ({ body }, repository, example) => {
    const stored = addDeployment(repository, {
      sha: text(body['ref']),
      environment: text(body['environment']),
      task: text(body['task']),
      payload: body['payload'],
      description: text(body['description']),
    });
    return { status: 201, body: shownDeployment(example(201), stored) };
  },
  'get /repos/{owner}/{repo}/deployments/{deployment_id}/statuses': (request, stored, example) => {
    const id = Number(request.operation.path['deployment_id']);
    const found = stored.deployments.find((deployment) => deployment.id === id);
    if (found === undefined) return notFound;
    const shown = page(found.statuses, request.query).map((status, index) =>
      shownStatus(one(example(200)), status, index),
    );
    return { status: 200, body: shown };
  },
  'post /repos/{owner}/{repo}/deployments/{deployment_id}/statuses': (request, stored, example) => {
    const { body } = request;
    const id = Number(request.operation.path['deployment_id']);
    const found = stored.deployments.find((deployment) => deployment.id === id);
    if (found === undefined) return notFound;
    const status: StoredStatus = {
      state: text(body['state']),
      createdAt: now(found.statuses.length),
      environment: text(body['environment']),
      logUrl: text(body['log_url']),
      environmentUrl: text(body['environment_url']),
      description: text(body['description']),
    };
    found.statuses.unshift(status);
    if (status.state === 'success' && body['auto_inactive'] !== false)
      for (const other of stored.deployments)
        if (other !== found && other.environment === found.environment)
          other.statuses.unshift({ state: 'inactive', createdAt: now(other.statuses.length) });
    return { status: 201, body: shownStatus(example(201), status, 0) };
  },
  'post /repos/{owner}/{repo}/statuses/{sha}': ({ operation, body }, stored, example) => {
    const status: StoredCommitStatus = {
      sha: operation.path['sha'] ?? '',
      context: text(body['context']),
      state: text(body['state']),
      description: text(body['description']),
      targetUrl: text(body['target_url']),
      creator: stored.writer,
    };
    stored.commitStatuses.unshift(status);
    return { status: 201, body: shownCommitStatus(example(201), status) };
  },
  'get /repos/{owner}/{repo}/commits/{ref}/statuses': ({ operation, query }, stored, example) => {
    const found = stored.commitStatuses.filter(({ sha }) => sha === operation.path['ref']);
    const shown = page(found, query).map((status) => shownCommitStatus(one(example(200)), status));
    return { status: 200, body: shown };
  },
  'get /repos/{owner}/{repo}/commits/{commit_sha}/pulls': ({ operation }, stored, example) => {
    const sha = operation.path['commit_sha'];
    const found = stored.pulls.filter(({ mergeCommit, headSha }) =>
      [mergeCommit, headSha].some((commit) => commit === sha),
    );
    return { status: 200, body: found.map((pull) => shownPull(one(example(200)), pull)) };
  },
};

const appAnswers: Readonly<Record<string, Answer>> = {
  'get /users/{username}/installation': (_, { app }, example) =>
    app === undefined
      ? notFound
      : { status: 200, body: { ...example(200), id: app.installation, client_id: app.clientId } },
  'post /app/installations/{installation_id}/access_tokens': (request, { app }, example) => {
    if (app === undefined) return notFound;
    if (Number(request.operation.path['installation_id']) !== app.installation) return notFound;
    const token = `ghs_${randomUUID()}`;
    app.tokens.push(token);
    const { permissions } = request.body;
    return { status: 201, body: { ...example(201), token, permissions } };
  },
  'delete /installation/token': ({ authorization }, { app }) => {
    if (app === undefined) return notFound;
    app.tokens = app.tokens.filter((token) => authorization !== `Bearer ${token}`);
    return { status: 204, body: undefined };
  },
};

/** What GitHub would answer; undefined for an operation that no test has needed yet. */
export function restAnswer(
  description: Description,
  request: RestRequest,
  repository: StoredRepository,
): RestAnswer | undefined {
  const { operation } = request;
  const example = (status: number): Fields => description.example(operation, status) as Fields;
  const name = `${operation.method} ${operation.template}`;
  return (answers[name] ?? appAnswers[name])?.(request, repository, example);
}
