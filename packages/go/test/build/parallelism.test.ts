import { describe, expect, test } from '@jest/globals';
import { planParallelism } from '../../src/index.ts';

const gib = 1024 ** 3;

describe('builds at once', () => {
  test.each([
    ['two cores, 7 GiB', 2, 7, 12, 2, 2],
    ['four cores, 16 GiB', 4, 16, 12, 2, 3],
    ['16 cores, 64 GiB', 16, 64, 12, 4, 6],
    ['one target', 4, 16, 1, 1, 4],
    ['two cores, 1 GiB', 2, 1, 12, 1, 2],
    ['64 cores, 4 GiB', 64, 4, 12, 3, 3],
    ['two cores, 200 MiB', 2, 0.2, 12, 1, 1],
  ])('on %s', (_, cores, memory, units, builds, actionsPerBuild) => {
    const plan = planParallelism({ cores, memoryBytes: memory * gib }, units);
    expect(plan).toMatchObject({ builds, actionsPerBuild });
    expect(plan.memoryLimitBytes).toBeGreaterThanOrEqual(200 * 1024 ** 2);
    expect(plan.memoryBudgetBytes).toBeLessThan(memory * gib);
  });

  test('never plan more memory limits than the budget where the budget allows the least of each', () => {
    for (const memory of [1, 2, 4, 8, 16, 64])
      for (const cores of [1, 2, 4, 8, 64]) {
        const plan = planParallelism({ cores, memoryBytes: memory * gib }, 20);
        expect(plan.builds * plan.actionsPerBuild * plan.memoryLimitBytes).toBeLessThanOrEqual(
          plan.memoryBudgetBytes,
        );
      }
  });
});
