import { escapeSummary, formatDuration } from '@slipway/runtime';

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
  /** Longer texts that stay folded: log ends, diffs. Shown as code. */
  details?: readonly { title: string; text: string }[];
}

const words = { ok: 'done', warning: 'done, with a warning', failed: 'failed' } as const;

function codeBlock(text: string): string {
  const escaped = text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
  return `<pre>${escaped.replace(/[\u0000-\u0008\u000b-\u001f\u007f]/g, '').replace(/\n/g, '&#10;')}</pre>`;
}

/** The summary as GitHub-flavoured Markdown: a heading, one table, the cause, folded details. */
export function renderStepSummary(summary: StepSummary): string {
  const rows = [...summary.facts.map(([name, value]) => [name, value] as const)];
  for (const part of summary.parts ?? [])
    rows.push([
      part.name,
      formatDuration(part.durationMs) + (part.note === undefined ? '' : `, ${part.note}`),
    ]);
  const lines = [
    `### ${escapeSummary(summary.title)}: ${words[summary.outcome]}`,
    '',
    '| | |',
    '| --- | --- |',
    ...rows.map(([name, value]) => `| ${escapeSummary(name)} | ${escapeSummary(value)} |`),
  ];
  if (summary.cause !== undefined) lines.push('', `**Cause:** ${escapeSummary(summary.cause)}`);
  if (summary.next !== undefined) lines.push('', `**Next:** ${escapeSummary(summary.next)}`);
  for (const { title, text } of summary.details ?? [])
    lines.push(
      '',
      `<details><summary>${escapeSummary(title)}</summary>`,
      '',
      codeBlock(text),
      '',
      '</details>',
    );
  return `${lines.join('\n')}\n`;
}
