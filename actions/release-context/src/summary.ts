import { settingsTable } from '@slipway/fleet';
import type { ReleasePlan } from '@slipway/release';
import { renderStepSummary } from '@slipway/report';
import { count } from '@slipway/runtime';
import type { DeployedKnowledge } from './deployed/deployed-reader.ts';
import type { ServiceChange } from './deployed/service-changes.ts';
import type { FleetPlan } from './fleet-plan.ts';

import type { StagePlan } from './stage-plan.ts';
import type { TestPlan } from './tested.ts';

/** More modules or services are counted and not named. */
const maxNamed = 20;

/** What a run is to do and why, for the job summary. */
export function planSummary(
  plan: FleetPlan,
  {
    stagePlan,
    changes,
    known,
    tests = { decision: 'run', passedIn: '' },
  }: {
    stagePlan: StagePlan;
    changes: readonly ServiceChange[];
    known?: DeployedKnowledge | undefined;
    tests?: Pick<TestPlan, 'decision' | 'passedIn'>;
  },
): string {
  const told = new Set(changes.map(({ service }) => service));
  const because = [...plan.because].filter(
    ([name]) => plan.services.includes(name) && !told.has(name),
  );
  const commits = changes.filter((change) => change.commits.length > 0);
  const steps = renderStepSummary({
    title: `release-context: ${plan.kind} ${plan.version}`,
    outcome: 'ok',
    facts: [
      ['version', plan.version],
      ['environment', plan.environment || 'none'],
      ...environmentFacts(plan),
      ['services', plan.services.join(', ') || 'none'],
      ...notDeployed(plan).map(([name, why]): [string, string] => [`${name} is not deployed`, why]),
      ...stageFacts(stagePlan),
      ['chosen because', plan.why],

      ['tests', `${testsFact(plan)}${passedBefore(tests)}`],
      ...because
        .slice(0, maxNamed)
        .map(([name, file]): [string, string] => [`${name} because of`, file]),
      ...changes.map(({ service, line }): [string, string] => [service, line]),
      ...(known === undefined ? [] : astrayFacts(known)),
      ...(known === undefined ? [] : unrecordedFacts(plan, known)),
    ],
    details: commits.map(({ service, commits: lines }) => ({
      title: `${service}: ${count(lines.length, 'commit')} since what is deployed`,
      text: lines.join('\n'),
    })),
  });
  return `${steps}\n${settingsDetails(plan)}`;
}

function environmentFacts({ sentTo }: FleetPlan): readonly [string, string][] {
  if (sentTo === undefined) return [];
  const { why, passedOver, frozen } = sentTo;
  const others = passedOver.length === 0 ? '' : `; ${passedOver.join(', ')} would fit too`;
  return [
    ['environment by', `${why}${others}`],
    ...(frozen === '' ? [] : [['frozen', frozen] as [string, string]]),
  ];
}

/** Services that an environment is planned for and that nobody would find there, and what they lack. */
export function notDeployed({
  environment,
  matrix,
}: Pick<FleetPlan, 'environment' | 'matrix'>): readonly (readonly [string, string])[] {
  if (environment === '') return [];
  const lacking = new Map(
    matrix
      .filter(({ chart, image }) => chart === '' && image !== '')
      .map(({ service, path }) => [
        service,
        `it has no chart: there is no ${path === '.' ? '' : `${path}/`}chart, no charts/${service}, and slipway.yml names none`,
      ]),
  );
  return [...lacking].slice(0, maxNamed);
}

/** What is deployed after what, where that is more than one thing, and what is not let in. */
function stageFacts({ stages, held }: StagePlan): readonly [string, string][] {
  const told = stages.map((entries, index): [string, string] => {
    const names = [...new Set(entries.map(({ service }) => service))];
    const targets = [...new Set(entries.map(({ target }) => target))].filter((name) => name !== '');
    const more = names.length > maxNamed ? ` and ${names.length - maxNamed} more` : '';
    const to = targets.length === 0 ? '' : ` to ${targets.join(', ')}`;
    return [`stage ${index + 1}`, `${names.slice(0, maxNamed).join(', ')}${more}${to}`];
  });
  const single = stages.length === 1 && stages[0]?.every(({ target }) => target === '') === true;
  return [
    ...(single ? [] : told),
    ...held
      .slice(0, maxNamed)
      .map(({ service, why }): [string, string] => [`${service} held back`, why]),
  ];
}

/** That a push could not be compared with what is deployed is never silent. */
function unrecordedFacts(
  { kind }: FleetPlan,
  { deployments }: DeployedKnowledge,
): readonly [string, string][] {
  const { environment, recorded } = deployments;
  if (recorded || kind !== 'push') return [];
  return [
    [
      'what is deployed',
      `nothing is on record for ${environment} yet, so services are compared with what the branch pointed to before, or with base-ref`,
    ],
  ];
}

/** What the record and the cluster do not agree on, and what is deployed that nobody plans any more. */
function astrayFacts({ deployments, gone }: DeployedKnowledge): readonly [string, string][] {
  const { environment, differences } = deployments;
  return [
    ...differences
      .slice(0, maxNamed)
      .map((line): [string, string] => ['record and cluster differ', line]),
    ...gone.slice(0, maxNamed).map((one): [string, string] => {
      const { service, commit, version, release, namespace, target } = one;
      const where = target === '' ? environment : `${environment} (${target})`;
      const place = namespace === '' ? '' : ` --namespace ${namespace}`;
      return [
        `${service} is in no folder`,
        `deployed to ${where} at ${commit.slice(0, 7)} (${version}), and no service has this name now. Uninstall it when nobody needs it (helm uninstall ${release || service}${place}), or give its folder the name back with "name: ${service}" in slipway.yml`,
      ];
    }),
  ];
}

/** What holds for each service and who said so, folded. */
function settingsDetails({ explained }: FleetPlan): string {
  if (explained.length === 0) return '';
  const more = explained.length - maxNamed;
  const rest = more > 0 ? `\nand ${count(more, 'service')} more.\n` : '';
  const table = settingsTable(explained.slice(0, maxNamed));
  return `<details><summary>Where each setting comes from</summary>\n\n${table}\n${rest}\n</details>\n`;
}

/** That tests are not run again is never silent. */
function passedBefore({ decision, passedIn }: Pick<TestPlan, 'decision' | 'passedIn'>): string {
  if (decision !== 'reused') return '';
  return `: not run again, since this tree passed them before${passedIn === '' ? '' : ` in ${passedIn}`}`;
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
