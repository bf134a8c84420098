import { describe, expect, it } from '@jest/globals';
import { ensureBundles } from '../../tools/fresh-bundles.ts';
import { renderReport } from '../demo/report-page.ts';
import { runDemo } from '../demo/run-demo.ts';

describe('the demo', () => {
  it('checks, stages, releases, catches what is sick, and reports it', async () => {
    const lines: string[] = [];
    const result = await runDemo({
      env: process.env,
      print: (line) => lines.push(line),
      bundles: () => ensureBundles(),
    });
    const wrong = result.stages.flatMap(({ title, checks }) =>
      checks.filter(({ ok }) => !ok).map(({ fact, seen }) => `${title}: ${fact}: ${seen}`),
    );
    expect(wrong).toEqual([]);
    expect(result.stages.map(({ title }) => title)).toEqual([
      'Pull request',
      'Push to main',
      'Tag v1.1.0',
      'Tag v1.2.0',
      'Tag v1.3.0',
    ]);
    const page = renderReport(result);
    for (const { event } of result.stages) expect(page).toContain(event);
    expect(page).toContain('error share');
  }, 1_800_000);
});
