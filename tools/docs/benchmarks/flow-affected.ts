import { losses, table, type Comparison } from './section.ts';

/** What bench/flow/affected.ts leaves. */
export interface AffectedResult {
  goVersion: string;
  planners: readonly { name: string; version: string }[];
  changes: readonly {
    name: string;
    /** How each service is concerned, by its name. */
    truth: Readonly<Record<string, readonly string[]>>;
    /** Names of services by planner; null where it failed. */
    answers: Readonly<Record<string, readonly string[] | null>>;
  }[];
}

const own = 'release-context';

interface Deviation {
  failed: boolean;
  missed: readonly string[];
  superfluous: readonly string[];
}

function deviation(change: AffectedResult['changes'][number], planner: string): Deviation {
  const concerned = Object.keys(change.truth);
  const answer = change.answers[planner] ?? null;
  if (answer === null) return { failed: true, missed: [], superfluous: [] };
  return {
    failed: false,
    missed: concerned.filter((name) => !answer.includes(name)),
    superfluous: answer.filter((name) => !concerned.includes(name)),
  };
}

interface Total {
  name: string;
  missed: number;
  superfluous: number;
  right: number;
  failed: number;
}

function totals({ planners, changes }: AffectedResult): readonly Total[] {
  return planners.map(({ name }) => {
    const all = changes.map((change) => deviation(change, name));
    const sum = (of: (each: Deviation) => number): number =>
      all.reduce((so, each) => so + of(each), 0);
    return {
      name,
      missed: sum(({ missed }) => missed.length),
      superfluous: sum(({ superfluous }) => superfluous.length),
      right: sum((each) =>
        !each.failed && each.missed.length + each.superfluous.length === 0 ? 1 : 0,
      ),
      failed: sum(({ failed }) => (failed ? 1 : 0)),
    };
  });
}

function comparisons(all: readonly Total[]): readonly Comparison[] {
  const mine = all.find(({ name }) => name === own);
  if (mine === undefined) return [];
  return all
    .filter(({ name }) => name !== own)
    .flatMap((peer) =>
      (['missed', 'superfluous'] as const).map((what) => ({
        what: `services ${what}`,
        ours: mine[what],
        peer: peer[what],
        peerName: peer.name,
        unit: '',
      })),
    );
}

/** `**−api** +worker`: what was missed, in bold, and what was superfluous. */
function shown({ failed, missed, superfluous }: Deviation): string {
  if (failed) return 'fails';
  return [
    ...missed.map((name) => `**−${name}**`),
    ...(superfluous.length > 3
      ? [`+${superfluous.length}`]
      : superfluous.map((name) => `+${name}`)),
  ].join(' ');
}

/** The part of the section on the flow that tells which services a change is said to concern. */
export function affectedMarkdown(result: AffectedResult): string {
  const { planners, changes, goVersion } = result;
  const all = totals(result);
  const versions = planners.map(({ name, version }) => `${name} (${version})`).join(', ');
  return [
    '### Which services a change concerns',
    `${changes.length} changes to three repositories: one module with eight services, a go.work of five modules, and a module with vendored dependencies. ` +
      'What is right is measured, not thought: before and after each change every program is built and every test run. ' +
      'A change concerns a service that is new, whose program has other bytes or no longer builds, whose tests (of its own packages and of those its program is made of) end otherwise, come or go, or of which another file is deployed besides (chart, charts it takes by `file://`, Dockerfile). ' +
      `Built with ${goVersion} without build ids and paths.`,
    `Asked were ${versions}. ` +
      'Rules of paths-filter are written once, on the day before the change: with one list of all libraries, or for each service those that its program is made of. ' +
      'The nx-style projects are an emulator: a project for each folder, dependencies by import lines of all Go files and by `file://`, go.mod, go.sum and vendor shared by all; nx itself did not run. ' +
      'gta is told of Go packages only; it is built with newer libraries than its own, which today’s Go refuses. What people know to be read from far away (`deploy/policies`) was told to all but gta. ' +
      '`npm run bench -- flow affected` runs it; `PATHS_FILTER` names a checkout of dorny/paths-filter and `GTA` the program of digitalocean/gta.',
    table(
      [
        'planner',
        'services missed',
        'services superfluous',
        `exactly right, of ${changes.length}`,
        'failed',
      ],
      all.map(({ name, missed, superfluous, right, failed }) =>
        [name, missed, superfluous, right, failed].map(String),
      ),
    ),
    losses(comparisons(all)),
    'Change by change: what it concerns and how, then what each planner missed (bold) and planned beside it.',
    table(
      ['change', 'concerns', ...planners.map(({ name }) => name)],
      changes.map((change) => [
        change.name,
        Object.entries(change.truth)
          .map(([name, how]) => `${name} (${how.join(', ')})`)
          .join('; '),
        ...planners.map(({ name }) => shown(deviation(change, name))),
      ]),
    ),
  ].join('\n\n');
}
