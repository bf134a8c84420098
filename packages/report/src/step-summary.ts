import { escapeHtml, escapeSummary, formatDuration, plainText } from '@slipway/runtime';
import { renderSeriesChart } from './series-chart.ts';
import type { SeriesChart } from './series-scale.ts';

/** What one action tells in the job summary. Every text is raw; it is escaped here. */
export interface StepSummary {
  /** For example `helm-atomic-upgrade: api in staging`. */
  title: string;
  outcome: 'ok' | 'warning' | 'failed';
  /** What happened, as name and value, most important first. */
  facts: readonly (readonly [name: string, value: string])[];
  /** How long each part took, in the order they ran. */
  parts?: readonly { name: string; durationMs: number; note?: string }[];
  /** On failure: the one root cause. */
  cause?: string;
  /** On failure: what to do next. */
  next?: string;
  /** Drawn under the table; one without a line to draw is left out. */
  chart?: SeriesChart;
  /** Longer texts that stay folded: log ends, diffs. Shown as code; of a long one the end is kept. */
  details?: readonly { title: string; text: string }[];
}

const words = { ok: 'done', warning: 'done, with a warning', failed: 'failed' } as const;
const maxTitle = 200;
const maxCell = 2_000;
const maxCause = 8_000;
const maxDetails = 64_000;

/** Escaped text for a place inside a line, of at most `length` characters before escaping. */
function inline(text: string, length: number): string {
  const shown = plainText(text).trim();
  return escapeSummary(
    shown.length <= length ? shown : `${shown.slice(0, length - 1).toWellFormed()}…`,
  );
}

/**
 * A block of code. It begins an HTML block of its own that only `</pre>` ends (CommonMark 0.31,
 * section 4.6, kind 1), so blank lines, fences and backticks in it are nothing but text.
 */
function codeBlock(text: string): string {
  const shown = plainText(text).replace(/^\n+|\s+$/g, '');
  const end = shown.slice(-maxDetails).toWellFormed();
  const note = end === shown ? '' : '(the beginning is left out)\n';
  return `<pre>${escapeHtml(note + end)}</pre>`;
}

/** The summary as GitHub-flavoured Markdown: a heading, the cause, one table, folded details. */
export function renderStepSummary(summary: StepSummary): string {
  const rows = [
    ...summary.facts.map(([name, value]) => [name, value] as const),
    ...(summary.parts ?? []).map(({ name, durationMs, note }) => {
      const duration = formatDuration(durationMs);
      return [name, note === undefined ? duration : `${duration}, ${note}`] as const;
    }),
  ];
  const lines = [`### ${inline(summary.title, maxTitle)}: ${words[summary.outcome]}`];
  if (summary.cause !== undefined) lines.push('', `**Cause:** ${inline(summary.cause, maxCause)}`);
  if (summary.next !== undefined) lines.push('', `**Next:** ${inline(summary.next, maxCause)}`);
  if (rows.length > 0)
    lines.push(
      '',
      '| | |',
      '| --- | --- |',
      ...rows.map(([name, value]) => `| ${inline(name, maxCell)} | ${inline(value, maxCell)} |`),
    );
  const chart = summary.chart === undefined ? undefined : renderSeriesChart(summary.chart);
  if (chart !== undefined) lines.push('', chart);
  for (const { title, text } of summary.details ?? [])
    lines.push(
      '',
      `<details><summary>${inline(title, maxTitle)}</summary>`,
      '',
      codeBlock(text),
      '',
      '</details>',
    );
  return `${lines.join('\n')}\n`;
}
