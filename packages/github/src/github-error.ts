import { ActionError, errorMessage, inertLine } from '@slipway/runtime';
import { rateLimitWaitMs } from './rate-limit.ts';

/** What somebody wanted from GitHub, for the error when it does not come about. */
export interface Errand {
  /** After "could not": `record the deployment of api to staging`. */
  what: string;
  /** The right that it takes, as workflows write it: `deployments: write`. */
  right: string;
}

/** GitHub could not be reached, or refused. */
export class GitHubError extends ActionError {
  /** Of the answer; undefined when there was none. */
  readonly status: number | undefined;

  constructor(
    message: string,
    options: { next: string; status: number | undefined; cause?: unknown },
  ) {
    super(message, { next: options.next, title: 'GitHub', cause: options.cause });
    this.name = 'GitHubError';
    this.status = options.status;
  }
}

/** A GitHubError as the end of a sentence. */
export function reasonOf({ message }: GitHubError): string {
  return message.replace(/\.$/, '');
}

/** The fields of octokit's RequestError and GraphqlResponseError that are looked at. */
interface OctokitError {
  status?: unknown;
  headers?: Readonly<Record<string, unknown>>;
  errors?: readonly { type?: unknown; message?: unknown }[];
  response?: { status?: number; headers?: Readonly<Record<string, unknown>>; data?: unknown };
}

const longestSaying = 300;

function fields(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** What GitHub said, in one line, its validation errors included. */
function saying(error: OctokitError): string {
  const data = fields(error.response?.data);
  const errors: unknown = error.errors ?? data['errors'];
  const details = (Array.isArray(errors) ? (errors as unknown[]) : []).map((each) => {
    const { message, field, code } = fields(each);
    return textOf(each) || textOf(message) || [field, code].map(textOf).join(' ').trim();
  });
  const all = [textOf(data['message']), ...details].filter((text) => text !== '');
  return inertLine(all.join(': ')).slice(0, longestSaying);
}

/** Adds the words of `error` to a message, when there are any. */
function withSaying(message: string, error: OctokitError): string {
  const said = saying(error);
  return said === '' ? `${message}.` : `${message}: ${said.replace(/\.$/, '')}.`;
}

function limitEnd(error: OctokitError, nowMs: number): string | undefined {
  const given = error.response?.headers ?? error.headers ?? {};
  const headers = { get: (name: string) => textOf(given[name]) || null };
  const body = error.errors === undefined ? error.response?.data : { errors: error.errors };
  const status = error.response?.status ?? (error.errors === undefined ? 0 : 200);
  const waitMs = rateLimitWaitMs({ status, headers, body }, nowMs);
  return waitMs === undefined ? undefined : new Date(nowMs + waitMs).toISOString().slice(11, 19);
}

function refusal(status: number, errand: Errand, repository: string): string {
  switch (status) {
    case 401:
      return 'Hand over a token that is still valid: github-token: ${{ github.token }}.';
    case 403:
    case 404:
      return `Give the job "permissions: ${errand.right}", and the calling job too when it is in a reusable workflow; check that the token may see ${repository}.`;
    case 422:
      return `Check that the commit was pushed to ${repository} and that the environment's rules admit its branch.`;
    default:
      return 'Try again later; githubstatus.com tells of outages.';
  }
}

/** Whether a limit of time ended it, see `timeLimit`. */
export function isTimeout(error: unknown): boolean {
  return (error as { name?: unknown } | null | undefined)?.name === 'TimeoutError';
}

/**
 * What went wrong when GitHub was asked for `errand`, for people: what could not be done, on which
 * repository, what GitHub said, which right is missing, and what to do.
 */
export function githubError(
  error: unknown,
  { errand, repository, nowMs }: { errand: Errand; repository: string; nowMs: number },
): GitHubError {
  const known = fields(error) as OctokitError;
  const failed = `GitHub could not ${errand.what} in ${repository}`;
  const end = limitEnd(known, nowMs);
  const status = known.response?.status ?? (known.errors === undefined ? undefined : 200);
  if (end !== undefined)
    return new GitHubError(
      withSaying(`${failed}, since its limit on requests is used up until ${end} UTC`, known),
      {
        status,
        cause: error,
        next: 'Start it again after that, or with a token of its own limit.',
      },
    );
  if (known.errors !== undefined) {
    const forbidden = known.errors.some(({ type }) => type === 'FORBIDDEN' || type === 'NOT_FOUND');
    return new GitHubError(withSaying(failed, known), {
      status,
      cause: error,
      next: refusal(forbidden ? 403 : 500, errand, repository),
    });
  }
  if (status === undefined) {
    // octokit gives a request without an answer the status 500, and hides the reason in its cause.
    const cause = error instanceof Error ? (error.cause ?? error) : error;
    const own = cause instanceof ActionError ? cause : undefined;
    return new GitHubError(`${failed}: ${errorMessage(cause).replace(/\.$/, '')}.`, {
      status,
      cause: error,
      next:
        own?.next ??
        (isTimeout(cause)
          ? 'Try again later; githubstatus.com tells of outages.'
          : 'Check that the runner reaches GITHUB_API_URL; set HTTPS_PROXY if it needs a proxy.'),
    });
  }
  return new GitHubError(withSaying(`${failed} (${status})`, known), {
    status,
    cause: error,
    next: refusal(status, errand, repository),
  });
}
