import type { UpgradePlan } from '../tool/index.ts';
import { isCommitId, shortCommit } from './commit-id.ts';

/** The label on a revision in Helm's storage that names the commit it was made of. */
export const commitLabel = 'slipway.dev/commit';

/** What a revision says of the commit that it was made of. */
export type Stamp =
  | { kind: 'commit'; commit: string }
  | { kind: 'none' }
  /** The label is there and is no id: somebody else wrote it. */
  | { kind: 'unreadable'; text: string };

const sha256Prefix = 'sha256-';

/**
 * The value of the label. Kubernetes allows 63 characters of a few kinds, so that the 64 digits of a
 * SHA-256 id are written in base64url (its 43rd character is always a letter or a digit, as a label's
 * last one has to be).
 */
function labelValue(commit: string): string {
  if (commit.length === 40) return commit;
  return `${sha256Prefix}${Buffer.from(commit, 'hex').toString('base64url')}`;
}

/** The labels that stamp a revision with a commit. */
export function stampLabels(commit: string): Readonly<Record<string, string>> {
  return { [commitLabel]: labelValue(commit) };
}

/** Reads the stamp from the labels of a revision in Helm's storage. */
export function stampOf(labels: Readonly<Record<string, string>>): Stamp {
  const text = labels[commitLabel] ?? '';
  if (text === '') return { kind: 'none' };
  const commit = text.startsWith(sha256Prefix)
    ? Buffer.from(text.slice(sha256Prefix.length), 'base64url').toString('hex')
    : text;
  return isCommitId(commit) && labelValue(commit) === text
    ? { kind: 'commit', commit }
    : { kind: 'unreadable', text };
}

/** Whether this Helm can label a revision: `helm upgrade --labels` came with 3.13. */
export function canStamp(helmVersion: string): boolean {
  const [major = 0, minor = 0] = helmVersion.split('.').map(Number);
  return major > 3 || (major === 3 && minor >= 13);
}

/**
 * The plan of an upgrade whose revision names its commit, for machines in a label and for readers of
 * `helm history` in the description. Helm hands the labels of a revision on to the one that a rollback
 * to it makes, and to the next upgrade, which then overwrites this one.
 */
export function stampedPlan(plan: UpgradePlan, commit: string, helmVersion: string): UpgradePlan {
  const short = shortCommit(commit);
  return {
    ...plan,
    description:
      plan.description === ''
        ? `Deployed commit ${short}`
        : `${plan.description} (commit ${short})`,
    labels: canStamp(helmVersion) ? { ...plan.labels, ...stampLabels(commit) } : plan.labels,
  };
}
