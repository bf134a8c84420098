import { parseTestedClaim, type TestedClaim } from '@slipway/github';
import { readInputs, type InputSource, type RunnerEnvironment } from '@slipway/runtime';

/** The inputs of tested-tree. */
export interface Inputs {
  mode: 'record' | 'find';
  /** Undefined when there is nothing to record. */
  claim: TestedClaim | undefined;
  commit: string;
  /** Empty on a local runner. */
  token: string;
}

/**
 * Reads and checks every input; `headSha` is the head of the event's pull request, or empty. Throws an
 * InputError that lists all problems.
 */
export function parseInputs(
  source: InputSource,
  runner: RunnerEnvironment,
  headSha = '',
): Readonly<Inputs> {
  return readInputs(source, runner.workspace, (read) => {
    if (read.string('mode') === '') read.problem('mode: a value is required.');
    const text = read.string('claim');
    const claim = text === '' ? undefined : parseTestedClaim(text);
    if (text !== '' && claim === undefined)
      read.problem(
        'claim: is not what go-check.yml (tested) or release-context (test-claim) gave.',
      );
    const commit = read.string('commit', { default: headSha === '' ? runner.sha : headSha });
    if (!/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(commit))
      read.problem('commit: no full commit id is known; name one.');
    return {
      mode: read.oneOf('mode', ['record', 'find']),
      claim,
      commit,
      token: read.secret('github-token'),
    };
  });
}
