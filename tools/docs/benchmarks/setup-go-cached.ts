import { barChart } from './bar-chart.ts';
import { figure, image, losses, median, table, type Comparison, type Section } from './section.ts';

/** What bench/setup-go-cached.ts leaves. */
export interface SetupResult {
  rounds: number;
  cores: number;
  loadAverage: number;
  go: string;
  link: { downloadBytesPerSecond: number; latencyMs: number };
  /** What carried our caches; results without it are of the client that came before @actions/cache. */
  cacheClient?: string;
  storedBytes: Readonly<Record<string, number>>;
  samples: readonly {
    program: string;
    scenario: string;
    peer: string;
    mainMs: number;
    buildMs: number;
    postMs: number;
  }[];
}

const own = 'setup-go-cached';

/** The medians of one program in one scenario by one action, in seconds. */
interface Row {
  program: string;
  scenario: string;
  peer: string;
  main: number;
  build: number;
  post: number;
  total: number;
}

function rowsOf({ samples }: SetupResult): readonly Row[] {
  const groups = Map.groupBy(samples, (one) => `${one.program}|${one.scenario}|${one.peer}`);
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const seconds = (of: (sample: (typeof group)[number]) => number): number =>
      median(group.map(of)) / 1000;
    return {
      program: first.program.split('/').at(-1) ?? first.program,
      scenario: first.scenario,
      peer: first.peer,
      main: seconds(({ mainMs }) => mainMs),
      build: seconds(({ buildMs }) => buildMs),
      post: seconds(({ postMs }) => postMs),
      total: seconds(({ mainMs, buildMs, postMs }) => mainMs + buildMs + postMs),
    };
  });
}

const caseOf = ({ program, scenario }: Row): string => `${program}, ${scenario}`;

function comparisons(rows: readonly Row[]): readonly Comparison[] {
  const ours = rows.filter(({ peer }) => peer === own);
  return rows
    .filter(({ peer }) => peer !== own)
    .flatMap((theirs) => {
      const mine = ours.find((row) => caseOf(row) === caseOf(theirs));
      if (mine === undefined) return [];
      const parts = [
        ['whole job', 'total'],
        ['the step itself', 'main'],
        ['go build', 'build'],
        ['post step', 'post'],
      ] as const;
      return parts.map(([part, key]) => ({
        what: `${caseOf(theirs)}: ${part}`,
        ours: mine[key],
        peer: theirs[key],
        peerName: theirs.peer,
        unit: 's',
      }));
    });
}

/** The section on setup-go-cached. */
export function setupSection(result: SetupResult): Section {
  const rows = rowsOf(result);
  const categories = [...new Set(rows.map(caseOf))];
  const names = [...new Set(rows.map(({ peer }) => peer))];
  const chart = barChart({
    title: 'Setup, go build and post step together',
    unit: 's',
    categories,
    series: names.map((name) => ({
      name,
      ours: name === own,
      values: categories.map(
        (one) => rows.find((row) => row.peer === name && caseOf(row) === one)?.total,
      ),
    })),
  });
  const stored = Object.entries(result.storedBytes).map(
    ([ref, bytes]) => `${ref.replace('refs/heads/', '')} ${figure(bytes / 1e6)} MB`,
  );
  const { link, rounds, cores, loadAverage, go } = result;
  const carriedBy =
    result.cacheClient ??
    'a client of its own, which `@actions/cache` has taken the place of since';
  const markdown = [
    `Published programs, built after a home folder was wiped, with Go ${go} on ${cores} cores (load ${figure(loadAverage)}) and a cache service ` +
      `${link.latencyMs} ms and ${figure(link.downloadBytesPerSecond / 1e6)} MB/s away; medians of ${rounds} rounds in turns, one round for \`cold\`, when there is nothing to restore. ` +
      `Go is in the tool cache, so its download is not part of it. Slipway's caches were carried by ${carriedBy}.`,
    image('Seconds of setup, build and post step', 'setup-go.svg'),
    table(
      ['program and run', 'action', 'step', 'go build', 'post', 'together'],
      rows.map((row) => [
        caseOf(row),
        row.peer,
        ...[row.main, row.build, row.post, row.total].map((value) => `${figure(value)} s`),
      ]),
    ),
    `Kept by the cache service after all runs: ${stored.join(', ')}.`,
    losses(comparisons(rows)),
  ];
  return { markdown: markdown.join('\n\n'), charts: { 'setup-go.svg': chart } };
}
