import { describe, expect, it } from '@jest/globals';
import { isAsExpected, type DemoResult } from '../demo/demo-result.ts';
import { renderReport } from '../demo/report-page.ts';
import { summaryHtml } from '../demo/summary-html.ts';

describe('a job summary in the report', () => {
  it('shows headings, tables and folded details', () => {
    const html = summaryHtml(
      '### api: done\n\n| | |\n| --- | --- |\n| status | ok &amp; well |\n\n**Cause:** none\n\n<details><summary>log</summary>\n\n<pre>a&#10;b</pre>\n\n</details>\n',
    );
    expect(html).toContain('<h4>api: done</h4>');
    expect(html).toContain('<tr><td>status</td><td>ok &amp; well</td></tr>');
    expect(html).toContain('<strong>Cause:</strong>');
    expect(html).toContain('<details><summary>log</summary>');
    expect(html).toContain('<pre>a&#10;b</pre>');
  });

  it.each([
    '<script>alert(1)</script>',
    '<img src=x onerror=alert(1)>',
    '<details ontoggle=alert(1)>',
    '| <a href="javascript:1">x</a> |',
    '### <style>*{display:none}</style>',
    '<pre>\n<script>x</script>\n</pre>',
  ])('lets no other markup through: %s', (text) => {
    expect(summaryHtml(text)).not.toMatch(/<(?:script|img|a|style|details o)/);
  });
});

describe('the report', () => {
  const result: DemoResult = {
    startedMs: 0,
    endedMs: 60_000,
    sideWork: [{ title: 'cluster', startedMs: 0, endedMs: 30_000 }],
    machine: [['Node', 'Node v24']],
    stages: [
      {
        title: 'Push <main>',
        event: 'a & b',
        expectation: 'built',
        checks: [{ fact: 'pods', seen: '<none>', ok: false }],
        startedMs: 0,
        endedMs: 60_000,
        jobs: [
          {
            name: 'Build <api>-1',
            id: 'build',
            matrix: {},
            result: 'failure',
            startedMs: 1_000,
            endedMs: 50_000,
            steps: [],
          },
        ],
      },
    ],
  };

  it('is one page that needs nothing from elsewhere and shows all text as text', () => {
    const page = renderReport(result);
    expect(page).not.toMatch(/(?:src|href)="(?!#)|@import|url\(/);
    expect(page).toContain('Push &lt;main&gt;');
    expect(page).toContain('&lt;none&gt;');
    expect(page).toContain('not as expected');
    expect(page).toMatch(/<rect class="bar build failed"/);
  });

  it('calls a stage as expected only when there were facts and all are right', () => {
    expect(isAsExpected({ checks: [] })).toBe(false);
    expect(isAsExpected({ checks: [{ fact: 'x', seen: 'y', ok: true }] })).toBe(true);
    expect(isAsExpected({ checks: [{ fact: 'x', seen: 'y', ok: false }] })).toBe(false);
  });
});
