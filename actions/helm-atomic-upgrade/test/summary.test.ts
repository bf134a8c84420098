import { describe, expect, test } from '@jest/globals';
import { UnfinishedUpgradeError, type UpgradeResult } from '@slipway/helm';
import { ActionError, InputError } from '@slipway/runtime';
import { failureSummary, resultSummary } from '../src/summary.ts';

const operation = {
  ...{ release: 'api', namespace: 'shop', owner: 'this-job', before: 1, target: 1 },
  ...{ historyMax: 10, rollbackMs: 60_000, revisions: {} },
  ...{ wait: true, hooks: true, keepFailed: false },
};

const result: UpgradeResult = {
  outcome: 'failed',
  status: 'deployed',
  revision: 2,
  previousRevision: 1,
  changed: false,
  rolledBack: false,
  reason: 'it did not work',
  attempts: 0,
  differences: [],
  leftAlone: [],
  recovered: undefined,
  parts: [],
};

describe('the summary of an upgrade that ended by an error', () => {
  const cut = (takenBy: string | undefined): Error =>
    new UnfinishedUpgradeError(operation, { cause: new Error('the server is away'), takenBy });

  test.each<[string, Error, string]>([
    ['a wrong input', new InputError('set: no'), 'nothing was changed'],
    ['a refusal before the first change', new ActionError('no'), 'nothing was changed'],
    ['an error after that', cut(undefined), 'the end of this job finishes or undoes it'],
    ['a lock that was taken', cut('other-job'), 'other-job goes on with the release'],
  ])('says what is true after %s', (_, error, words) => {
    expect(failureSummary('title', error)).toContain(words);
  });

  test('never says that nothing was changed once the change had begun', () => {
    for (const takenBy of [undefined, 'other-job']) {
      const markdown = failureSummary('title', cut(takenBy));
      expect(markdown).not.toContain('nothing was changed');
      expect(markdown).toContain('helm history api -n shop');
    }
  });
});

describe('the summary of an upgrade that failed', () => {
  test.each<[string, Partial<UpgradeResult>, string]>([
    ['when Helm was not run', {}, 'nothing was changed'],
    ['when Helm refused', { attempts: 1 }, 'Helm made no new revision'],
    [
      'when it was undone',
      { rolledBack: true, proven: true },
      'rolled back to revision 1 and proven',
    ],
    ['when it was not undone', { doubts: 'no rights' }, 'not rolled back: no rights'],
    ['when there was nowhere to go', { changed: true }, 'there was nothing to roll back to'],
  ])('says what is true %s', (_, more, words) => {
    const told = resultSummary('title', { ...result, ...more });
    expect(told.markdown).toContain(words);
    expect(told.failure).toBe(`it did not work (${words})`);
  });
});
