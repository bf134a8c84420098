import type { ReleasePlan } from '@slipway/release';
import { renderStepSummary } from '@slipway/report';
import { count } from '@slipway/runtime';
import type { ServiceChange } from './service-changes.ts';

/** More modules or services are counted and not named. */
const maxNamed = 20;

/** What a run is to do and why, for the job summary. */
export function planSummary(plan: ReleasePlan, changes: readonly ServiceChange[]): string {
  const told = new Set(changes.map(({ service }) => service));
  const because = [...plan.because].filter(
    ([name]) => plan.services.includes(name) && !told.has(name),
  );
  const commits = changes.filter((change) => change.commits.length > 0);
  return renderStepSummary({
    title: `release-context: ${plan.kind} ${plan.version}`,
    outcome: 'ok',
    facts: [
      ['version', plan.version],
      ['environment', plan.environment || 'none'],
      ['services', plan.services.join(', ') || 'none'],
      ['chosen because', plan.why],
      ['tests', testsFact(plan)],
      ...because
        .slice(0, maxNamed)
        .map(([name, file]): [string, string] => [`${name} because of`, file]),
      ...changes.map(({ service, line }): [string, string] => [service, line]),
    ],
    details: commits.map(({ service, commits: lines }) => ({
      title: `${service}: ${count(lines.length, 'commit')} since what is deployed`,
      text: lines.join('\n'),
    })),
  });
}

function testsFact({ tests, why }: ReleasePlan): string {
  if (tests.length === 0) return `nothing: no Go package can be broken by this (${why})`;
  const named = tests.slice(0, maxNamed).map(({ module, patterns }) => {
    const where = module || 'the root';
    return patterns.includes('./...')
      ? `all of ${where}`
      : `${count(patterns.length, 'package')} of ${where}`;
  });
  const more = tests.length - named.length;
  return `${named.join(', ')}${more > 0 ? ` and ${count(more, 'module')} more` : ''}`;
}
