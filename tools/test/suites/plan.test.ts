import { expect, test } from '@jest/globals';
import { planSuites } from '../../suites/plan.ts';

test('without a change to go by the chosen suites run whole', () => {
  expect(planSuites(['unit', 'lab'], undefined)).toEqual([{ suite: 'unit' }, { suite: 'lab' }]);
});

test('of a change the broken suites run whole, of others the broken files, and nothing that was not chosen', () => {
  const files = ['packages/a/test/a.test.ts', 'test/full/b.test.ts', 'test/rollout/c.test.ts'];
  const broken = { suites: new Set(['contract'] as const), files };
  expect(planSuites(['unit', 'contract', 'lab', 'rollout'], broken)).toEqual([
    { suite: 'unit', files: ['packages/a/test/a.test.ts'] },
    { suite: 'contract' },
    { suite: 'rollout', files: ['test/rollout/c.test.ts'] },
  ]);
});
