import { describe, expect, test } from '@jest/globals';
import { renderSeriesChart, renderStepSummary } from '../src/index.ts';

const point = (second: number, value: number) => ({ atMs: 1_000_000 + second * 1_000, value });

function numbersOf(line: string | undefined): number[] {
  return (line ?? '')
    .replace(/^ *line \[(.*)\]$/, '$1')
    .split(', ')
    .map(Number);
}

describe('a chart of numbers over time', () => {
  test('draws them at equal steps, with the limit as a second line', () => {
    const points = [point(0, 0), point(10, 0.5), point(40, 0.25)];
    const chart = renderSeriesChart({ title: 'error share', points, limit: 0.1 }) ?? '';
    const [fence, kind, title, x, y, line, limit, end] = chart.split('\n');
    expect([fence, kind, end]).toEqual(['```mermaid', 'xychart-beta', '```']);
    expect([title, x, y]).toEqual([
      '    title "error share"',
      '    x-axis "seconds" 0 --> 40',
      '    y-axis 0 --> 0.55',
    ]);
    const drawn = numbersOf(line);
    expect([drawn.length, drawn[0], drawn[9], drawn[10], drawn[39], drawn[40]]).toEqual([
      41, 0, 0, 0.5, 0.5, 0.25,
    ]);
    expect(new Set(numbersOf(limit))).toEqual(new Set([0.1]));
  });

  test.each<[string, readonly { atMs: number; value: number }[]]>([
    ['no points', []],
    ['one instant', [point(1, 2), point(1, 3)]],
    ['numbers that are none', [point(1, Number.NaN), point(2, 1)]],
    ['numbers without an end', [point(1, 1), point(2, Infinity)]],
  ])('is none of %s', (_, points) => {
    expect(renderSeriesChart({ title: 'x', points })).toBeUndefined();
  });

  test('takes hostile titles for text', () => {
    const title = '"] ```\n::error::x\n#quot; <script> %%{init: {}}%% p99 / ms';
    const chart = renderSeriesChart({ title, points: [point(0, 1), point(1, 1)] }) ?? '';
    expect(chart.split('\n')).toHaveLength(7);
    expect(chart).toContain('    title "error x quot script init p99 / ms"');
  });

  test('stands under the table of a summary', () => {
    const chart = { title: 'pods', points: [point(0, 1), point(1, 2)] };
    const summary = renderStepSummary({ title: 't', outcome: 'ok', facts: [['a', 'b']], chart });
    expect(summary).toMatch(/\| a \| b \|\n\n```mermaid\nxychart-beta\n[^`]*```\n$/);
  });
});
