import { describe, expect, test } from '@jest/globals';
import type { Verdict, VerifyResult } from '@slipway/health';
import type { EarlierRelease } from '../src/earlier-release.ts';
import { afterRollback, isRolledBack, rollbackText } from '../src/rollback-outcome.ts';

const proven = {
  fromRevision: 3,
  toRevision: 2,
  newRevision: 4,
  newStatus: 'deployed',
  proven: true,
};
const doubted = { ...proven, proven: false, why: 'ConfigMap/settings differs at data.image' };
const cause = 'error share: 60 of 100 requests';

function verified(verdict: Verdict): EarlierRelease {
  return { kind: 'verified', result: { verdict, cause } as VerifyResult };
}

const unasked: EarlierRelease = { kind: 'not-verified', why: 'rollback-timeout leaves 3s' };

describe('what is said of a rollback', () => {
  test.each([
    [proven, verified('healthy'), 'rolled back to revision 2, verified healthy', true],
    [
      proven,
      verified('not-enough-evidence'),
      `rolled back to revision 2: objects as before; not verified: ${cause}`,
      true,
    ],
    [
      proven,
      verified('cannot-observe'),
      `rolled back to revision 2: objects as before; not verified: ${cause}`,
      true,
    ],
    [
      proven,
      unasked,
      'rolled back to revision 2: objects as before; not verified: rollback-timeout leaves 3s',
      true,
    ],
    [
      proven,
      verified('unhealthy'),
      `rolled back to revision 2, but the earlier revision is unhealthy too: ${cause}`,
      false,
    ],
    [
      doubted,
      verified('healthy'),
      'rolled back to revision 2, but not proven: ConfigMap/settings differs at data.image; its pods are healthy',
      false,
    ],
    [
      doubted,
      unasked,
      'rolled back to revision 2, but not proven: ConfigMap/settings differs at data.image; not verified: rollback-timeout leaves 3s',
      false,
    ],
  ])('is no more than was seen (%#)', (result, earlier, text, back) => {
    const rollback = { kind: 'done', result, earlier } as const;
    expect(rollbackText(rollback)).toBe(text);
    expect(isRolledBack(rollback)).toBe(back);
    const serves = afterRollback(rollback)?.includes('the earlier one serves') === true;
    expect(serves).toBe(text.endsWith('verified healthy'));
  });

  test('is why it could not be done, when it could not', () => {
    const rollback = { kind: 'failed', error: new Error('Helm refuses') } as const;
    expect(rollbackText(rollback)).toBe('not rolled back: Helm refuses');
    expect(isRolledBack(rollback)).toBe(false);
  });
});
