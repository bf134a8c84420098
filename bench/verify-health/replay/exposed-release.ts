import type { ScrapedRelease } from '../scraped-release.ts';

/** How Prometheus comes to know a release, or does not. */
export type Exposure =
  | 'plain'
  | 'four jobs scrape each pod'
  | 'two Prometheis write the same'
  | 'a pod restarts its counters'
  | 'metrics port closed'
  | 'label renamed'
  | 'target not discovered';

/** One release as a Prometheus has it, in a namespace of its own. */
export interface ExposedRelease {
  namespace: string;
  exposure: Exposure;
  release: ScrapedRelease;
}

type Labels = Readonly<Record<string, string>>;
type Series = Map<string, { second: number; value: number }[]>;

const text = (labels: Labels): string =>
  Object.entries(labels)
    .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
    .join(',');

/** The address of a pod: `case-1-260` and the fourth pod give 10.1.4.4. */
export function podAddress(namespace: string, pod: string): string {
  const number = Number(/\d+$/.exec(namespace)?.[0] ?? 0);
  const own = Number(/\d+$/.exec(pod)?.[0] ?? 0) + (/old-\d+$/.test(pod) ? 100 : 0);
  return `10.${Math.floor(number / 256)}.${number % 256}.${own + 1}`;
}

function targetsOf({ namespace, exposure }: ExposedRelease, pod: string): Labels[] {
  const target = { namespace, pod, job: 'pods', instance: `${podAddress(namespace, pod)}:8080` };
  if (exposure === 'four jobs scrape each pod')
    return ['pods', 'services', 'endpoints', 'monitor'].map((job) => ({ ...target, job }));
  if (exposure === 'two Prometheis write the same')
    return ['a', 'b'].map((replica) => ({ ...target, prometheus_replica: replica }));
  return [target];
}

/** Counts of one pod and route as its counter shows them: a restart begins them anew. */
function countersOf(exposed: ExposedRelease, pod: string, route: string) {
  let [good, bad] = [0, 0];
  let restarted = exposed.exposure !== 'a pod restarts its counters' || !pod.endsWith('api-0');
  return (second: number, unit: { total: number; bad: number }) => {
    if (!restarted && second > 12) {
      restarted = true;
      [good, bad] = [0, 0];
    }
    good += unit.total - unit.bad;
    bad += unit.bad;
    const label = exposed.exposure === 'label renamed' ? 'outcome' : 'code';
    return [
      { labels: { handler: route, [label]: '200' }, value: good },
      // A series is born with its first failure.
      ...(bad > 0 ? [{ labels: { handler: route, [label]: '500' }, value: bad }] : []),
    ];
  };
}

/** Adds the samples of one release to `requests` and `up`, by their labels. */
function addSamples(exposed: ExposedRelease, baseSeconds: number, requests: Series, up: Series) {
  if (exposed.exposure === 'target not discovered') return;
  const put = (series: Series, labels: Labels, second: number, value: number): void => {
    const key = text(labels);
    const samples = series.get(key) ?? [];
    series.set(key, samples);
    samples.push({ second: baseSeconds + second, value });
  };
  const counters = new Map<string, ReturnType<typeof countersOf>>();
  const scraped = new Set<string>();
  const isClosed = exposed.exposure === 'metrics port closed';
  const { units, control } = exposed.release;
  for (const unit of [...units, ...control]) {
    const second = unit.atMs / 1000;
    const { pod, route = '/orders' } = unit;
    const key = `${pod} ${route}`;
    const counter = counters.get(key) ?? countersOf(exposed, pod, route);
    counters.set(key, counter);
    for (const target of targetsOf(exposed, pod)) {
      const once = `${text(target)} ${unit.atMs}`;
      if (!scraped.has(once)) put(up, target, second, isClosed ? 0 : 1);
      scraped.add(once);
      if (isClosed) continue;
    }
    if (isClosed) continue;
    for (const { labels, value } of counter(second, unit))
      for (const target of targetsOf(exposed, pod))
        put(requests, { ...target, ...labels }, second, value);
  }
}

/** All releases as OpenMetrics text, line by line; `baseSeconds` is when their verifications begin. */
export function* openMetrics(
  releases: readonly ExposedRelease[],
  baseSeconds: number,
): Generator<string> {
  const requests: Series = new Map();
  const up: Series = new Map();
  for (const release of releases) addSamples(release, baseSeconds, requests, up);
  for (const [type, name, series] of [
    ['# TYPE http_requests counter', 'http_requests_total', requests],
    ['# TYPE up gauge', 'up', up],
  ] as const) {
    yield `${type}\n`;
    for (const [labels, samples] of series)
      for (const { second, value } of samples)
        yield `${name}{${labels}} ${value} ${second.toFixed(3)}\n`;
  }
  yield '# EOF\n';
}
