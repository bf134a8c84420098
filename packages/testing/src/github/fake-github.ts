import http from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { readDescription, type Description } from './description.ts';
import { graphqlAnswer } from './graphql-answer.ts';
import { restAnswer } from './rest-answers.ts';
import { isOfApp, isOfInstallation } from './stored-app.ts';
import { emptyRepository, type StoredRepository } from './stored-repository.ts';

/** A request that the fake got. */
export interface SeenRequest {
  method: string;
  path: string;
  query: Readonly<Record<string, string>>;
  body: Readonly<Record<string, unknown>> | undefined;
  authorization: string;
}

/** What is answered in place of what GitHub would answer. */
export type GitHubFault =
  | { status: number; headers?: Readonly<Record<string, string>>; body?: unknown }
  | 'hang up'
  /** Nothing at all, as long as the connection stands. */
  | 'silence';

/** GitHub's API of one repository on loopback. */
export interface FakeGitHub {
  /** For GITHUB_API_URL. */
  apiUrl: string;
  repository: StoredRepository;
  seen: SeenRequest[];
  /**
   * What in requests and in the fake's own answers GitHub's description does not have: an unknown path,
   * query or field, a wrong type. A test ends with this being empty.
   */
  problems: string[];
  /** The next answers, one for each request; then GitHub answers again. */
  faults: GitHubFault[];
  /** In place of every answer. */
  always: GitHubFault | undefined;
  /** In place of the answers to some requests. */
  faultOf: ((request: SeenRequest) => GitHubFault | undefined) | undefined;
  close: () => Promise<void>;
}

const descriptions = new Map<string, Promise<Description>>();

function described(name: string): Promise<Description> {
  const known = descriptions.get(name) ?? readDescription(name);
  descriptions.set(name, known);
  return known;
}

async function readBody(request: http.IncomingMessage): Promise<SeenRequest['body']> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text === '' ? undefined : (JSON.parse(text) as Record<string, unknown>);
}

interface Answering {
  description: Description;
  fake: Pick<FakeGitHub, 'repository' | 'problems' | 'seen' | 'faults' | 'always' | 'faultOf'>;
  token: string;
  root: string;
}

function isKnown(authorization: string, token: string, { app }: StoredRepository): boolean {
  if (authorization === `token ${token}`) return true;
  return app !== undefined && (isOfInstallation(authorization, app) || isOfApp(authorization, app));
}

/** What GitHub says to a request; what is not in its description is noted, and refused. */
function answerOf(
  { description, fake, token, root }: Answering,
  seen: SeenRequest,
  query: URLSearchParams,
): { status: number; body: unknown } {
  const { repository, problems } = fake;
  const refused = (status: number, message: string) => ({
    status,
    body: { message, documentation_url: 'https://docs.github.com/rest', status: String(status) },
  });
  if (!isKnown(seen.authorization, token, repository)) return refused(401, 'Bad credentials');
  const isEnterprise = root !== '';
  if (seen.path === (isEnterprise ? '/api/graphql' : '/graphql'))
    return { status: 200, body: graphqlAnswer(seen.body ?? {}, repository) };
  const operation = seen.path.startsWith(`${root}/`)
    ? description.operation(seen.method, seen.path.slice(root.length))
    : undefined;
  const note = (found: readonly string[]): void => {
    problems.push(...found.map((problem) => `${seen.method} ${seen.path}: ${problem}`));
  };
  if (operation === undefined) {
    note(['GitHub has no such operation']);
    return refused(404, 'Not Found');
  }
  const wrong = description.requestProblems(operation, { query, body: seen.body });
  note(wrong);
  if (wrong.length > 0) return refused(400, wrong.join('; '));
  const { authorization, body = {} } = seen;
  const request = { operation, query, body, authorization };
  const answer = restAnswer(description, request, repository);
  if (answer === undefined) throw new Error(`The fake GitHub cannot ${operation.template} yet.`);
  note(description.answerProblems(operation, answer).map((problem) => `answer ${problem}`));
  return answer;
}

async function answer(
  answering: Answering,
  request: http.IncomingMessage,
  response: http.ServerResponse,
): Promise<void> {
  const { fake } = answering;
  const url = new URL(request.url ?? '/', 'http://github.test');
  const seen: SeenRequest = {
    method: request.method ?? '',
    path: url.pathname,
    query: Object.fromEntries(url.searchParams),
    body: await readBody(request),
    authorization: request.headers.authorization ?? '',
  };
  fake.seen.push(seen);
  const fault = fake.faults.shift() ?? fake.faultOf?.(seen) ?? fake.always;
  if (fault === 'silence') return;
  if (fault === 'hang up') {
    request.socket.destroy();
    return;
  }
  const { status, body } = fault ?? answerOf(answering, seen, url.searchParams);
  const headers = { 'content-type': 'application/json; charset=utf-8', ...fault?.headers };
  if (status === 204) response.writeHead(status).end();
  else response.writeHead(status, headers).end(JSON.stringify(body ?? { message: 'a fault' }));
}

/**
 * Plays GitHub's REST and GraphQL API for one repository. Each request and each of its own answers is
 * held against GitHub's description of its API (`@octokit/openapi`; for GraphQL graphql-schema.ts), so
 * that no test passes on a field that GitHub does not have. `enterprise` plays GitHub Enterprise Server.
 */
export async function startFakeGitHub({
  token = 'a-token',
  enterprise = false,
} = {}): Promise<FakeGitHub> {
  const description = await described(enterprise ? 'ghes-3.19' : 'api.github.com');
  const root = enterprise ? '/api/v3' : '';
  const sockets = new Set<Socket>();
  const server = http.createServer((request, response) => {
    answer({ description, fake, token, root }, request, response).catch((error: unknown) => {
      fake.problems.push(String(error));
      response.destroy();
    });
  });
  server.on('connection', (socket) => sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const fake: FakeGitHub = {
    apiUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}${root}`,
    repository: emptyRepository(),
    seen: [],
    problems: [],
    faults: [],
    always: undefined,
    faultOf: undefined,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return fake;
}
