import { formatDuration } from '@slipway/runtime';
import type { JobRun } from '../workflows/runner-log.ts';
import { plainJobName } from './checks.ts';
import { isAsExpected, type DemoResult, type StageResult } from './demo-result.ts';
import { reportStyle } from './report-style.ts';
import { escapeHtml, summaryHtml } from './summary-html.ts';
import { barKinds, renderTimeline } from './timeline.ts';

function badge(good: boolean): string {
  return `<span class="badge ${good ? 'good' : 'bad'}">${good ? 'as expected' : 'not as expected'}</span>`;
}

function overview(result: DemoResult): string {
  const rows = result.stages.map(
    (stage, index) =>
      `<tr><td>${index + 1}</td><td><a href="#stage-${index + 1}">${escapeHtml(stage.title)}</a></td><td>${escapeHtml(stage.event)}</td><td>${badge(isAsExpected(stage))}</td><td class="number">${formatDuration(stage.endedMs - stage.startedMs)}</td></tr>`,
  );
  return `<section><div class="scroll"><table><thead><tr><th></th><th>run</th><th>what happened</th><th>result</th><th class="number">time</th></tr></thead><tbody>${rows.join('')}</tbody></table></div></section>`;
}

function timeline(result: DemoResult): string {
  const legend = Object.entries(barKinds)
    .map(([kind, name]) => `<span><i style="background: var(--${kind})"></i>${name}</span>`)
    .join('');
  return `<section><h2>What ran when</h2><div class="legend">${legend}<span><i style="background: var(--bad)"></i>failed</span></div>${renderTimeline(result)}</section>`;
}

function jobHtml(job: JobRun): string {
  const summaries = job.steps.map(({ summary }) => summary).filter((text) => text !== '');
  const complaints = job.steps.flatMap(({ annotations }) => annotations);
  return `<div class="job"><h3>${escapeHtml(plainJobName(job.name))} <span class="soft">${job.result ?? 'unknown'}, ${formatDuration(job.endedMs - job.startedMs)}</span></h3>${complaints
    .filter((text) => text.startsWith('error'))
    .map((text) => `<pre>${escapeHtml(text)}</pre>`)
    .join('')}${summaries.map(summaryHtml).join('')}</div>`;
}

function stageHtml(stage: StageResult, number: number): string {
  const checks = stage.checks.map(
    ({ fact, seen, ok }) =>
      `<li class="${ok ? '' : 'wrong'}"><span class="mark">${ok ? '✓' : '✗'}</span><span>${escapeHtml(fact)}</span><span class="seen">${escapeHtml(seen)}</span></li>`,
  );
  return `<section id="stage-${number}"><div class="head"><div><h2>${number}. ${escapeHtml(stage.title)}</h2><p>${escapeHtml(stage.event)}</p><p class="soft">Expected: ${escapeHtml(stage.expectation)}.</p></div><div>${badge(isAsExpected(stage))}</div></div><ul class="checks">${checks.join('')}</ul><details><summary>Summaries of the ${stage.jobs.length} jobs</summary>${stage.jobs.map(jobHtml).join('')}</details></section>`;
}

/** The report as one page that needs nothing from elsewhere. */
export function renderReport(result: DemoResult): string {
  const good = result.stages.every(isAsExpected);
  const facts = [
    formatDuration(result.endedMs - result.startedMs),
    new Date(result.startedMs).toISOString().slice(0, 16).replace('T', ' ') + ' UTC',
    ...result.machine.map(([, value]) => value),
  ];
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Slipway demo</title>
<style>${reportStyle}</style>
<main>
<header><h1>Slipway demo</h1>${badge(good)}<span class="soft">${facts.map(escapeHtml).join(' · ')}</span></header>
${overview(result)}
${timeline(result)}
${result.stages.map((stage, index) => stageHtml(stage, index + 1)).join('\n')}
</main>
</html>
`;
}
