import { describe, expect, test } from '@jest/globals';
import { chooseSets, seriesSetName } from '../src/index.ts';

describe('the series set by which a pod is counted', () => {
  const sets = (...rows: [pod: string, name: string, scrapes: number, total: number][]) => [
    ...chooseSets(rows.map(([pod, name, scrapes, total]) => ({ pod, name, scrapes, total }))),
  ];

  test('is, of copies, the one that was scraped most', () => {
    expect(sets(['a', 'slow', 10, 100], ['a', 'fast', 40, 98])).toEqual([['a', 'fast']]);
  });

  test('is the one with the requests, however often a sidecar is scraped', () => {
    expect(sets(['a', 'sidecar', 40, 3], ['a', 'app', 10, 100])).toEqual([['a', 'app']]);
  });

  test('is of the same kind for all pods, but where a pod has another only', () => {
    expect(
      sets(['a', 'x', 10, 50], ['a', 'y', 10, 50], ['b', 'x', 10, 50], ['c', 'z', 10, 50]),
    ).toEqual([
      ['a', 'x'],
      ['b', 'x'],
      ['c', 'z'],
    ]);
  });

  test('has a name without what is the pod’s own', () => {
    const labels = {
      __name__: 'x',
      job: 'pods',
      pod: 'api-1',
      instance: '10.0.0.7:8080',
      code: '200',
    };
    const targetLabels = new Set(['__name__', 'job', 'pod', 'instance']);
    expect(seriesSetName(labels, { targetLabels, pod: 'api-1' })).toBe('job="pods", port 8080');
  });
});
