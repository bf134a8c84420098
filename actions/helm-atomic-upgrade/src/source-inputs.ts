import { commitLabel, isCommitId, type SourcePolicy } from '@slipway/helm';
import type { InputReader } from '@slipway/runtime';

/** Which commit is deployed, and what it may go over. */
export interface SourceInputs {
  commit: string;
  policy: SourcePolicy;
  allowOlder: boolean;
  /** Empty for git's own credentials. */
  token: string;
}

/** Reads and checks the inputs about the commit; undefined when none is named. */
export function readSourceInputs(read: InputReader): SourceInputs | undefined {
  const commit = read.operand('source-commit');
  const policy = read.oneOf('source-check', ['enforce', 'warn', 'off']);
  const allowOlder = read.boolean('allow-older');
  const token = read.secret('github-token');
  if (commit === '') return undefined;
  if (!isCommitId(commit))
    read.problem(
      'source-commit: is no full id of a commit (40 or 64 digits and letters a to f). A branch or tag moves; ' +
        '${{ github.sha }} is the commit that the job runs for.',
    );
  if (Object.hasOwn(read.map('labels'), commitLabel))
    read.problem(`labels: ${commitLabel} is what source-commit writes; drop it.`);
  return { commit, policy, allowOlder, token };
}
