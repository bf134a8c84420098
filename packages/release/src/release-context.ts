import type { ReleaseKind } from './event/index.ts';

/** Facts about the run that a release carries along. Texts are data: nothing here is safe as code. */
export interface ReleaseContext {
  kind: string;
  version: string;
  environment: string;
  sha: string;
  'short-sha': string;
  ref: string;
  actor: string;
  repository: string;
  'server-url': string;
  'run-id': string;
  'run-attempt': string;
  'run-url': string;
  /** ISO 8601, UTC. */
  'commit-time': string;
  event: string;
}

/** What the runner tells; `@slipway/runtime`'s RunnerEnvironment fits. */
export interface RunFacts {
  serverUrl: string;
  repository: string;
  sha: string;
  ref: string;
  eventName: string;
  runId: string;
  runAttempt: string;
  actor: string;
}

/** The context of a plan: what images, charts and notifications are told about their origin. */
export function releaseContext(
  plan: { kind: ReleaseKind | 'none'; version: string; environment: string },
  run: RunFacts,
  commit: { sha: string; commitTimeMs: number },
): ReleaseContext {
  const repository = /^[\w.-]+\/[\w.-]+$/.test(run.repository) ? run.repository : '';
  const serverUrl = originOf(run.serverUrl);
  const runId = /^\d+$/.test(run.runId) ? run.runId : '';
  return {
    kind: plan.kind,
    version: plan.version,
    environment: plan.environment,
    sha: commit.sha,
    'short-sha': commit.sha.slice(0, 7),
    ref: plainText(run.ref),
    actor: plainText(run.actor),
    repository,
    'server-url': serverUrl,
    'run-id': runId,
    'run-attempt': /^\d+$/.test(run.runAttempt) ? run.runAttempt : '1',
    'run-url':
      repository === '' || runId === '' ? '' : `${serverUrl}/${repository}/actions/runs/${runId}`,
    'commit-time': new Date(commit.commitTimeMs).toISOString(),
    event: plainText(run.eventName),
  };
}

/** The server's URL without a trailing slash; GitHub Enterprise may serve below a path. Only http(s). */
function originOf(text: string): string {
  try {
    const url = new URL(text);
    if (url.protocol === 'https:' || url.protocol === 'http:')
      return `${url.origin}${url.pathname}`.replace(/\/+$/, '');
  } catch {
    // Not a URL at all.
  }
  return 'https://github.com';
}

/** One line of at most 255 characters, without control characters and without those that turn text around. */
function plainText(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '').slice(0, 255);
}
