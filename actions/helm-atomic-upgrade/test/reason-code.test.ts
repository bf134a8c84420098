import { expect, test } from '@jest/globals';
import type { UpgradeResult } from '@slipway/helm';
import { resultCode } from '../src/reason-code.ts';

const failed = (reason: string) =>
  resultCode({ reason: 'pods fail', attempts: 1, cause: { reason } } as UpgradeResult);

test('the code of a failure is the word of the cluster, and never more than a word', () => {
  expect(failed('CrashLoopBackOff')).toBe('CrashLoopBackOff');
  expect(failed('$(curl example.com)\nrolled-back=true')).toBe('Failed');
});
