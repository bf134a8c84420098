import { describe, expect, test } from '@jest/globals';
import { renderSeriesSvg } from '../src/index.ts';

const point = (second: number, value: number) => ({ atMs: 1_000_000 + second * 1_000, value });

describe('a chart of numbers over time, as a file,', () => {
  test('draws them as steps between the axes, and the limit', () => {
    const points = [point(0, 0), point(10, 0.5), point(40, 0.25)];
    const svg = renderSeriesSvg({ title: 'error share', points, limit: 0.1 }) ?? '';
    expect(svg).toContain('<title>error share</title>');
    // From 64 to 624 in width for 40 s, from 200 up to 32 in height for 0 to 0.55.
    expect(svg).toContain('d="M64.0 200.0H204.0V47.3H624.0V123.6"');
    expect(svg).toContain('d="M64 169.5H624"');
    for (const text of ['0.55', '40 s', 'limit 0.1']) expect(svg).toContain(`>${text}</text>`);
  });

  test('takes hostile titles for text, and loads nothing from elsewhere', () => {
    const title = `</title><script>alert(1)</script> &#x0; "x" \u0000\uffff\ud800`;
    const svg = renderSeriesSvg({ title, points: [point(0, 1), point(1, 1)] }) ?? '';
    expect(svg.match(/<(?!\/)\w+/g)).toEqual([
      '<svg',
      '<title',
      '<rect',
      '<path',
      '<path',
      '<g',
      ...Array<string>(5).fill('<text'),
    ]);
    expect(svg).toContain('&lt;/title&gt;&lt;script&gt;alert(1)&lt;/script&gt; &amp;#x0;');
    expect(svg).not.toMatch(/[\0\uffff\ud800]|href|url\(/);
  });

  test.each([
    ['one instant', [point(1, 2), point(1, 3)]],
    ['numbers that are none', [point(1, Number.NaN), point(2, 1)]],
  ])('is none of %s', (_, points) => {
    expect(renderSeriesSvg({ title: 'x', points })).toBeUndefined();
  });
});
