import { ActionError, quoted } from '@slipway/runtime';
import { lastServing, type ReleasePorts, type StoredRevision } from '../release/index.ts';
import { isCommitId, shortCommit } from './commit-id.ts';
import type { CommitHistory } from './commit-history.ts';
import { decideSource, type Relation, type SourcePolicy } from './source-rule.ts';
import { commitLabel, stampOf } from './stamp.ts';

/** The commit that a release is made of, and what may not be overwritten by it. */
export interface Source {
  /** Full id. */
  commit: string;
  policy: SourcePolicy;
  /** Whether an older commit is deployed because that was asked for. */
  allowOlder: boolean;
  commits: CommitHistory;
}

/** An upgrade that was refused for the commit that is deployed; nothing was written. */
export class SourceRefusedError extends ActionError {
  /** Undefined when the stamp cannot be read. */
  readonly deployedCommit: string | undefined;

  constructor(
    message: string,
    details: { title: string; next: string; deployedCommit: string | undefined },
  ) {
    super(message, details);
    this.name = 'SourceRefusedError';
    this.deployedCommit = details.deployedCommit;
  }
}

/** The commit that a release was last deployed from, as its revisions say; the newest comes first. */
export function deployedCommit(history: readonly StoredRevision[]): string | undefined {
  const stamp = stampOf(lastServing(history)?.labels ?? {});
  return stamp.kind === 'commit' ? stamp.commit : undefined;
}

interface Finding {
  relation: Relation;
  deployed: string | undefined;
  message: string;
}

/** What is said of a relation that is not simply in order. */
async function messageOf(
  { commit, commits }: Source,
  { relation, deployed }: Omit<Finding, 'message'>,
  where: string,
): Promise<string> {
  const ours = await commits.describe(commit);
  const theirs = deployed === undefined ? 'what is deployed' : await commits.describe(deployed);
  switch (relation.kind) {
    case 'older':
      return `${where} is deployed from commit ${theirs}, which would be overwritten by the older ${ours}.`;
    case 'diverged':
      return `${where} is deployed from commit ${theirs}; ${ours} comes from another branch and does not contain it.`;
    case 'unknown':
      return `Whether commit ${ours} is older than ${theirs}, from which ${where} is deployed, cannot be told: ${relation.why}.`;
    case 'same':
    case 'newer':
      return `${where}: commit ${ours} goes over ${theirs}.`;
  }
}

function refusal({ relation, deployed, message }: Finding): SourceRefusedError {
  return relation.kind === 'older'
    ? new SourceRefusedError(message, {
        title: 'Stale commit',
        next:
          'Nothing was changed. Run the workflow of the newest commit instead of this one; ' +
          'to go back to this one on purpose, set allow-older: true.',
        deployedCommit: deployed,
      })
    : new SourceRefusedError(message, {
        title: 'Commits cannot be compared',
        next:
          'Nothing was changed. Give actions/checkout `fetch-depth: 0` and `filter: blob:none`, and look whether the ' +
          'commit is one of this repository; when it is not, set allow-older: true once, which stamps the release anew.',
        deployedCommit: deployed,
      });
}

/**
 * Compares the commit of an upgrade with the one that the release is deployed from, by its history
 * under the lock, and throws SourceRefusedError where the upgrade would go back unasked. A revision
 * that failed or was rolled back does not count; one that says of no commit holds nothing back.
 */
export async function checkSource(
  { log }: Pick<ReleasePorts, 'log'>,
  source: Source,
  history: readonly StoredRevision[],
): Promise<void> {
  const { commit, commits, policy } = source;
  if (!isCommitId(commit)) throw new Error('The commit is no full id.');
  const serving = lastServing(history);
  if (serving === undefined || policy === 'off') return;
  const { name, namespace } = serving.record;
  const stamp = stampOf(serving.labels);
  if (stamp.kind === 'none') {
    log.info(
      `Revision ${serving.revision} does not say which commit it was made of, so ${shortCommit(commit)} is not compared with it`,
    );
    return;
  }
  const deployed = stamp.kind === 'commit' ? stamp.commit : undefined;
  const relation: Relation =
    stamp.kind === 'commit'
      ? await commits.relate(commit, stamp.commit)
      : {
          kind: 'unknown',
          why: `its label ${commitLabel} is ${quoted(stamp.text)}, which is no commit`,
        };
  const decision = decideSource(relation, source);
  if (decision === 'go') return;
  const message = await messageOf(source, { relation, deployed }, `${name} in ${namespace}`);
  if (decision === 'refuse') throw refusal({ relation, deployed, message });
  if (decision === 'warn') log.warning(message, { title: 'Not a newer commit' });
  else log.info(`${message} It goes on, as allow-older asks`);
}
