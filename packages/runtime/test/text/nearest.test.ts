import { describe, expect, test } from '@jest/globals';
import { nearestName } from '@slipway/runtime';

const names = ['timeout', 'value-files', 'values', 'wait', 'wait-for-jobs', 'depends-on'];

describe('the nearest name', () => {
  test.each([
    ['timeuot', 'timeout'],
    ['time-out', 'timeout'],
    ['valueFiles', 'value-files'],
    ['value_file', 'value-files'],
    ['Value', 'values'],
    ['wiat', 'wait'],
    ['depends_on', 'depends-on'],
    ['dependson', 'depends-on'],
  ])('of %s is %s', (written, meant) => {
    expect(nearestName(written, names)).toBe(meant);
  });

  test.each(['namespace', 'x', '', '世界', 'a'.repeat(1_000_000)])(
    'is none where none is near',
    (written) => {
      expect(nearestName(written, names)).toBeUndefined();
    },
  );
});
