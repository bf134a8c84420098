import { describe, expect, test } from '@jest/globals';
import { barChart } from '../../docs/benchmarks/bar-chart.ts';
import { crossBuildSection } from '../../docs/benchmarks/go-cross-build.ts';
import { affectedMarkdown } from '../../docs/benchmarks/flow-affected.ts';
import { benchmarksPage } from '../../docs/benchmarks/page.ts';
import { figure, losses, median } from '../../docs/benchmarks/section.ts';
import { rmSync } from 'node:fs';
import { scratchTree } from '../scratch-tree.ts';

const chart = {
  title: 'Until it ends',
  unit: 's',
  categories: ['one', 'two <b>'],
  series: [
    { name: 'ours', ours: true, values: [1.25, 20] },
    { name: 'theirs & others', ours: false, values: [61, undefined] },
  ],
};

describe('a chart', () => {
  test('has the same bytes whatever was drawn before it', () => {
    const first = barChart(chart);
    barChart({ ...chart, title: 'Another', categories: ['one'] });
    expect(barChart(chart)).toBe(first);
  });

  test('shows title, unit, names and values as text, and text as text', () => {
    const svg = barChart(chart);
    for (const text of ['Until it ends (s)', 'one', '>1.3<', '>20<', '>61<', 'theirs &amp; others'])
      expect(svg).toContain(text);
    expect(svg).not.toContain('<b>');
  });
});

/** Where each text of a drawing stands, from above. */
function heights(svg: string): Map<string, number> {
  const texts = svg.matchAll(/<text[^>]*translate\([\d.]+ ([\d.]+)\)[^>]*>([^<]*)</g);
  return new Map([...texts].map(([, y, text = '']) => [text, Number(y)]));
}

describe('a chart of many', () => {
  const names = [
    'ours',
    ...['one', 'two', 'three', 'four'].map((name) => `${name}, the rule with a long name`),
  ];
  const svg = barChart({
    ...chart,
    series: names.map((name, index) => ({ name, ours: index === 0, values: [1, 2] })),
  });

  test('breaks its legend into rows above the bars, near each other', () => {
    const at = heights(svg);
    const [first = 0, last = 0] = [at.get('ours'), at.get('four, the rule with a long name')];
    expect(last - first).toBe(20);
    expect(at.get('1')).toBeGreaterThan(last + 10);
  });

  test('gives each its own colour', () => {
    const fills = [...svg.matchAll(/fill="(#[0-9a-f]{6})"/g)].map(([, fill]) => fill);
    const bars = ['#0b5cad', '#8c959f', '#c3cad1', '#57606a', '#d4a72c'];
    for (const colour of bars)
      expect(fills.filter((fill) => fill === colour).length).toBeGreaterThan(2);
  });
});

describe('what is lost', () => {
  const row = { what: 'x', peerName: 'helm', unit: 's' };

  test('is told, the worst first, and noise is not', () => {
    const told = losses([
      { ...row, what: 'noise', ours: 1.04, peer: 1 },
      { ...row, what: 'won', ours: 1, peer: 60 },
      { ...row, what: 'lost', ours: 1.2, peer: 1 },
      { ...row, what: 'lost most', ours: 3, peer: 1 },
    ]);
    expect(told.split('\n').slice(4)).toEqual([
      '| lost most | 3 s | 1 s (helm) | 3.0 |',
      '| lost | 1.2 s | 1 s (helm) | 1.2 |',
    ]);
  });

  test('is first told where a peer needs nothing at all', () => {
    const told = losses([
      { ...row, what: 'ten times', ours: 10, peer: 1 },
      { ...row, what: 'few', ours: 2, peer: 0, unit: '' },
      { ...row, what: 'many', ours: 9, peer: 0, unit: '' },
      { ...row, what: 'neither', ours: 0, peer: 0 },
    ]);
    expect(told.split('\n').slice(4)).toEqual([
      '| many | 9 | 0 (helm) |  |',
      '| few | 2 | 0 (helm) |  |',
      '| ten times | 10 s | 1 s (helm) | 10.0 |',
    ]);
  });

  test('is told also when it is nothing', () => {
    expect(losses([{ ...row, ours: 1, peer: 2 }])).toContain('nowhere in this run');
  });
});

describe('the page', () => {
  test('says of a benchmark without results, and of one it does not know, that there is nothing', () => {
    const root = scratchTree({ 'bench/go-cross-build.ts': '', 'bench/other.ts': '' });
    const { markdown, charts } = benchmarksPage(root);
    rmSync(root, { recursive: true });
    expect(markdown).toContain(
      '## go-cross-build\n\nThere are no results to show yet. `npm run bench -- go-cross-build` runs it.',
    );
    expect(markdown).toContain(
      '## other\n\nIt is not told here. `npm run bench -- other` runs it.',
    );
    expect([...charts]).toEqual([]);
  });

  test('tells cross builds by time, memory and size, and what could not be measured', () => {
    const base = { version: '1', wallSeconds: 10, cpuSeconds: null, peakMB: 100, megabytes: 5 };
    const { markdown } = crossBuildSection({
      ...{
        what: 'gosh',
        targets: ['linux/amd64'],
        imageTargets: ['linux/amd64'],
        rounds: 2,
        cores: 2,
      },
      table: [
        { ...base, job: 'programs', arm: 'slipway', cache: 'empty' },
        { ...base, job: 'programs', arm: 'goreleaser build', cache: 'empty', peakMB: 50 },
      ],
    });
    expect(markdown).toContain(
      '| programs, empty cache | slipway 1 | 10 s | not measured | 100 MB | 5 MB |',
    );
    expect(markdown).toContain(
      '| programs, empty cache: memory at most | 100 MB | 50 MB (goreleaser build) | 2.0 |',
    );
  });
});

test('which services a change concerns is told with what was missed, planned beside it, and could not be said', () => {
  const change = { name: 'A library', truth: { api: ['program'], web: ['tests'] } };
  const markdown = affectedMarkdown({
    goVersion: 'go1.26.8',
    planners: [
      { name: 'release-context', version: '1' },
      { name: 'gta', version: '2' },
    ],
    changes: [
      { ...change, answers: { 'release-context': ['api', 'web', 'worker'], gta: ['api'] } },
      { ...change, answers: { 'release-context': ['api', 'web'], gta: null } },
    ],
  });
  expect(markdown).toContain('| release-context | 0 | 1 | 1 | 0 |');
  expect(markdown).toContain('| gta | 1 | 0 | 0 | 1 |');
  expect(markdown).toContain('| A library | api (program); web (tests) | +worker | **−web** |');
  expect(markdown).toContain('| A library | api (program); web (tests) |  | fails |');
  expect(markdown).toContain('| services superfluous | 1 | 0 (gta) |');
});

test.each([
  [[3, 1, 2], 2],
  [[4, 1, 2, 3], 2.5],
])('the median of %j is %d', (values, middle) => {
  expect(median(values)).toBe(middle);
});

test.each([
  [0.4567, '0.457'],
  [62.6185, '62.6'],
  [809.29, '809'],
  [19, '19'],
])('%d is shown as %s', (value, text) => {
  expect(figure(value)).toBe(text);
});
