import { formatDuration } from '@slipway/runtime';
import { plainJobName } from './checks.ts';
import type { DemoResult } from './demo-result.ts';
import { escapeHtml } from './summary-html.ts';

interface Bar {
  label: string;
  kind: string;
  failed: boolean;
  startedMs: number;
  endedMs: number;
}

interface Row {
  /** A stage's heading, or undefined for a bar. */
  heading?: string;
  bar?: Bar;
}

const width = 1000;
const labelWidth = 236;
const rowHeight = 20;

/** Kinds of bars with what the legend calls them; each has a colour of its own in the page's style. */
export const barKinds = {
  side: 'cluster and tools',
  plan: 'plan',
  test: 'vet and test',
  build: 'build',
  deploy: 'deploy and verify',
  other: 'other',
} as const;

function kindOf(jobId: string): string {
  return jobId in barKinds ? jobId : 'other';
}

function rowsOf(result: DemoResult): Row[] {
  const rows: Row[] = [];
  const bars = (heading: string, list: readonly Bar[]): void => {
    rows.push({ heading }, ...list.map((bar) => ({ bar })));
  };
  bars(
    'Beside the runs',
    result.sideWork
      .filter(({ startedMs, endedMs }) => endedMs - startedMs > 300)
      .map((work) => ({ ...work, label: work.title, kind: 'side', failed: false })),
  );
  result.stages.forEach((stage, index) =>
    bars(
      `${index + 1}. ${stage.title}`,
      stage.jobs.map((job) => ({
        label: plainJobName(job.name),
        kind: kindOf(job.id),
        failed: job.result !== 'success',
        startedMs: job.startedMs,
        endedMs: job.endedMs,
      })),
    ),
  );
  return rows;
}

/** A round number of seconds that gives five to ten marks. */
function tickSeconds(totalMs: number): number {
  return (
    [1, 2, 5, 10, 15, 30, 60, 120, 300, 600].find((step) => totalMs / 1000 / step <= 10) ?? 1800
  );
}

/** What ran when, as an SVG that takes its colours from the page. */
export function renderTimeline(result: DemoResult): string {
  const totalMs = Math.max(1, result.endedMs - result.startedMs);
  const x = (ms: number): number =>
    labelWidth + ((ms - result.startedMs) / totalMs) * (width - labelWidth - 60);
  const rows = rowsOf(result);
  const height = rows.length * rowHeight + 36;
  const parts: string[] = [];
  const step = tickSeconds(totalMs);
  for (let seconds = 0; seconds * 1000 <= totalMs; seconds += step) {
    const at = x(result.startedMs + seconds * 1000).toFixed(1);
    parts.push(
      `<line class="grid" x1="${at}" x2="${at}" y1="22" y2="${height - 8}"/>`,
      `<text class="tick" x="${at}" y="14" text-anchor="middle">${seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`}</text>`,
    );
  }
  rows.forEach(({ heading, bar }, index) => {
    const top = 26 + index * rowHeight;
    if (heading !== undefined)
      parts.push(`<text class="stage" x="0" y="${top + 14}">${escapeHtml(heading)}</text>`);
    if (bar === undefined) return;
    const left = x(bar.startedMs);
    const long = Math.max(2, x(bar.endedMs) - left);
    const took = formatDuration(bar.endedMs - bar.startedMs);
    parts.push(
      `<text class="label" x="12" y="${top + 14}">${escapeHtml(bar.label)}</text>`,
      `<rect class="bar ${bar.kind}${bar.failed ? ' failed' : ''}" x="${left.toFixed(1)}" y="${top + 3}" width="${long.toFixed(1)}" height="14" rx="3"><title>${escapeHtml(bar.label)}: ${took}${bar.failed ? ', failed' : ''}</title></rect>`,
      `<text class="took" x="${(left + long + 5).toFixed(1)}" y="${top + 14}">${took}${bar.failed ? ' ✗' : ''}</text>`,
    );
  });
  return `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="What ran when">${parts.join('')}</svg>`;
}
