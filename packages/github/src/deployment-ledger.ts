import {
  readDeploymentPage,
  type DeploymentPage,
  type RecordedDeployment,
} from './deployment-pages.ts';
import { GitHubError, reasonOf } from './github-error.ts';
import type { GitHubRepository } from './github-repository.ts';

/** The deployments to one environment, the newest first; each page is read once, whoever asks for it. */
export interface DeploymentLedger {
  github: GitHubRepository;
  environment: string;
  /** The page that begins at `after`; the first without. Rejects with GitHubError. */
  page: (after: string | undefined) => Promise<DeploymentPage>;
}

/** Opens the deployments to an environment; nothing is read yet. */
export function openLedger(github: GitHubRepository, environment: string): DeploymentLedger {
  const pages = new Map<string, Promise<DeploymentPage>>();
  return {
    github,
    environment,
    page: (after) => {
      const key = after ?? '';
      const known = pages.get(key) ?? readDeploymentPage(github, { environment, after });
      pages.set(key, known);
      return known;
    },
  };
}

/** Where reading ended: after the last page, before it, or at one that could not be read. */
export type LedgerEnd =
  { kind: 'last' } | { kind: 'cut' } | { kind: 'broken'; error: GitHubError; read: number };

/**
 * Shows `visit` the recorded deployments, the newest first, until `isDone` or `most` deployments, others'
 * included, were read. A page that cannot be read ends it: what was seen before still holds.
 */
export async function walkLedger(
  ledger: DeploymentLedger,
  given: { most: number; visit: (one: RecordedDeployment) => void; isDone: () => boolean },
): Promise<LedgerEnd> {
  const { most, visit, isDone } = given;
  let next: string | undefined;
  let read = 0;
  do {
    let page: DeploymentPage;
    try {
      page = await ledger.page(next);
    } catch (error) {
      if (!(error instanceof GitHubError)) throw error;
      return { kind: 'broken', error, read };
    }
    page.ours.forEach(visit);
    read += page.count;
    // An empty page that promises more would go on for ever.
    next = page.count === 0 ? undefined : page.next;
    if (next === undefined) return { kind: 'last' };
  } while (read < most && !isDone());
  return { kind: 'cut' };
}

/**
 * Throws what broke the first page, unless GitHub answered and was at fault: it may fail at a page of 100 and
 * yet find one service. Who refuses, or does not answer, would only be asked again for nothing.
 */
export function throwHopeless(end: LedgerEnd): void {
  if (end.kind === 'broken' && end.read === 0 && (end.error.status ?? 0) < 500) throw end.error;
}

/** Why nothing is known of a service that was not reached, as the end of a sentence. */
export function notReached(end: LedgerEnd): string {
  return end.kind === 'broken' ? reasonOf(end.error) : 'too many deployments lie before its own';
}
