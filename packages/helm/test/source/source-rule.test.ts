import { describe, expect, test } from '@jest/globals';
import { decideSource, type Relation } from '../../src/source/source-rule.ts';

const same: Relation = { kind: 'same' };
const newer: Relation = { kind: 'newer' };
const older: Relation = { kind: 'older' };
const diverged: Relation = { kind: 'diverged' };
const unknown: Relation = { kind: 'unknown', why: 'the commit is gone' };

describe('a commit that would go over what is deployed', () => {
  test.each([
    ...([same, newer] as const).map((relation) => [relation, 'enforce', 'go'] as const),
    [diverged, 'enforce', 'warn'],
    [older, 'enforce', 'refuse'],
    [unknown, 'enforce', 'refuse'],
    [older, 'warn', 'warn'],
    [unknown, 'warn', 'warn'],
    [diverged, 'warn', 'warn'],
    ...([older, unknown, diverged] as const).map((relation) => [relation, 'off', 'go'] as const),
  ] as const)('when it is %j, under %s, comes to %s', (relation, policy, decision) => {
    expect(decideSource(relation, { policy, allowOlder: false })).toBe(decision);
  });

  test.each([older, unknown])('when it is %j goes on where that was asked for', (relation) => {
    for (const policy of ['enforce', 'warn'] as const)
      expect(decideSource(relation, { policy, allowOlder: true })).toBe('tell');
  });
});
