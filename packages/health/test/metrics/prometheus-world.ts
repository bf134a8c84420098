import type { Fetch } from '@slipway/runtime';

type Labels = Readonly<Record<string, string>>;

/** One series as Prometheus holds it. */
interface Stored {
  labels: Labels;
  /** Seconds since 1970, value. */
  points: [number, number][];
}

interface Matcher {
  name: string;
  test: (value: string) => boolean;
}

const unquote = (text: string): string => text.replace(/\\(.)/g, '$1');

function matchersOf(inside: string): Matcher[] {
  const matches = inside.matchAll(/([a-zA-Z_]\w*)\s*(=~|!~|!=|=)\s*"((?:[^"\\]|\\.)*)"/g);
  return [...matches].map(([, name = '', operator = '=', quoted = '']) => {
    const value = unquote(quoted);
    const pattern = new RegExp(`^(?:${operator.endsWith('~') ? value : ''})$`);
    const isSame = (of: string): boolean =>
      operator.endsWith('~') ? pattern.test(of) : of === value;
    return { name, test: (of) => isSame(of) === !operator.startsWith('!') };
  });
}

/** The series that `name{matchers}` selects. */
function select(all: readonly Stored[], selector: string): Stored[] {
  const match = /^\s*([a-zA-Z_:][\w:]*)?\s*(?:\{(.*)\})?\s*$/s.exec(selector);
  if (match === null) throw new Error(`the world cannot read ${selector}`);
  const [, name, inside = ''] = match;
  const matchers = matchersOf(inside);
  if (name !== undefined) matchers.push({ name: '__name__', test: (value) => value === name });
  return all.filter(({ labels }) =>
    matchers.every((matcher) => matcher.test(labels[matcher.name] ?? '')),
  );
}

const lookbackSeconds = 300;
const shownValue = (value: number): string => (Number.isNaN(value) ? 'NaN' : String(value));

/** An evaluation of what verifications ask: selectors, with a window or not, joined by `or`. */
function evaluate(all: readonly Stored[], query: string, time: number) {
  if (query === 'time()') return { resultType: 'scalar', result: [time, String(time)] };
  const grouped = /^group(?: by \(__name__\))? ?\((.*)\)$/s.exec(query)?.[1];
  if (grouped !== undefined) {
    const inner = /^last_over_time\((.*)\[1h\]\)$/s.exec(grouped)?.[1] ?? grouped;
    const names = new Set(select(all, inner).map(({ labels }) => labels['__name__'] ?? ''));
    const result = [...names].map((name) => ({
      metric: query.startsWith('group by') ? { __name__: name } : {},
      value: [time, '1'],
    }));
    return { resultType: 'vector', result };
  }
  const everUp = /^max_over_time\((.*)\[(\d+)s\]\) == 1$/s.exec(query);
  if (everUp !== null) {
    const [, selector = '', seconds = '0'] = everUp;
    const isUp = ([at, value]: [number, number]): boolean =>
      at > time - Number(seconds) && at <= time && value === 1;
    const result = select(all, selector)
      .filter(({ points }) => points.some(isUp))
      .map(({ labels }) => ({ metric: labels, value: [time, '1'] }));
    return { resultType: 'vector', result };
  }
  const span = /^(min|max)_over_time\(timestamp\((.*)\)\[(\d+)d:\d+s\]\)$/s.exec(query);
  if (span !== null) {
    const [, which, selector = '', days = '0'] = span;
    const result = select(all, selector).flatMap(({ labels, points }) => {
      const times = points
        .map(([at]) => at)
        .filter((at) => at > time - Number(days) * 86_400 && at <= time);
      const value = which === 'min' ? times[0] : times.at(-1);
      return value === undefined ? [] : [{ metric: labels, value: [time, String(value)] }];
    });
    return { resultType: 'vector', result };
  }
  const grown = /^sum\(increase\((.*)\[(\d+)s\]\)\)$/s.exec(query);
  if (grown !== null) {
    const [, selector = '', seconds = '0'] = grown;
    const growth = select(all, selector).map(({ points }) => {
      const within = points.filter(([at]) => at > time - Number(seconds) && at <= time);
      return (within.at(-1)?.[1] ?? 0) - (within[0]?.[1] ?? 0);
    });
    const sum = growth.reduce((total, one) => total + one, 0);
    const result = growth.length === 0 ? [] : [{ metric: {}, value: [time, String(sum)] }];
    return { resultType: 'vector', result };
  }
  const ranged = /^(.*)\[(\d+)s\]$/s.exec(query);
  if (ranged !== null) {
    const [, selector = '', seconds = '0'] = ranged;
    const from = time - Number(seconds);
    const result = select(all, selector).flatMap(({ labels, points }) => {
      const values = points
        .filter(([at]) => at >= from && at <= time)
        .map(([at, value]) => [at, shownValue(value)]);
      return values.length === 0 ? [] : [{ metric: labels, values }];
    });
    return { resultType: 'matrix', result };
  }
  const result = query.split(/\bor\b/).flatMap((selector) =>
    select(all, selector).flatMap(({ labels, points }) => {
      const last = points.findLast(([at]) => at <= time && at > time - lookbackSeconds);
      // Of a target that is gone its last `up` is a stale marker, which nobody gets to see.
      const isStale = labels['__name__'] === 'up' && Number.isNaN(last?.[1]);
      if (last === undefined || isStale) return [];
      return [{ metric: labels, value: [time, shownValue(last[1])] }];
    }),
  );
  return { resultType: 'vector', result };
}

/** One request as the world received it. */
export interface WorldRequest {
  path: string;
  parameters: URLSearchParams;
  headers: Headers;
}

/** A Prometheus in memory that answers what verifications ask, at the times that a test gives. */
export interface PrometheusWorld {
  fetch: Fetch;
  requests: readonly WorldRequest[];
  /** One scrape: a sample of each of these series; `up` is one of them. Milliseconds of its own clock. */
  scrape(atMs: number, target: Labels, samples: Readonly<Record<string, number>>): void;
  /** Answers the next requests that match instead of the world; undefined passes them on. */
  intercept(answer: (request: WorldRequest) => Response | Promise<Response> | undefined): void;
}

/** The data of an answer; undefined where the world has no such API. */
function answerTo(all: readonly Stored[], { path, parameters }: WorldRequest, time: number) {
  if (path === '/api/v1/query') return evaluate(all, parameters.get('query') ?? '', time);
  if (path !== '/api/v1/series') return undefined;
  const found = parameters.getAll('match[]').flatMap((one) => select(all, one));
  return [...new Set(found)].map(({ labels }) => labels);
}

/** A world whose clock is `nowMs`. */
export function prometheusWorld(nowMs: () => number): PrometheusWorld {
  const series = new Map<string, Stored>();
  const requests: WorldRequest[] = [];
  let interceptor: (request: WorldRequest) => Response | Promise<Response> | undefined = () =>
    undefined;

  const add = (labels: Labels, atMs: number, value: number): void => {
    const key = JSON.stringify(labels);
    const stored = series.get(key) ?? { labels, points: [] };
    stored.points.push([atMs / 1000, value]);
    series.set(key, stored);
  };

  return {
    requests,
    intercept: (answer) => {
      interceptor = answer;
    },
    scrape: (atMs, target, samples) => {
      for (const [selector, value] of Object.entries(samples)) {
        const [, name = '', inside = ''] = /^([\w:]+)(?:\{(.*)\})?$/.exec(selector) ?? [];
        const own = [...inside.matchAll(/(\w+)="([^"]*)"/g)].map(([, label = '', text = '']) => [
          label,
          text,
        ]);
        const labels = { __name__: name, ...Object.fromEntries(own), ...target } as Labels;
        add(labels, atMs, value);
      }
    },
    fetch: async (to, init) => {
      const url = new URL(String(to));
      const body = typeof init?.body === 'string' ? init.body : '';
      const parameters = new URLSearchParams(body === '' ? url.search : body);
      const request = { path: url.pathname, parameters, headers: new Headers(init?.headers) };
      requests.push(request);
      const other = await interceptor(request);
      if (other !== undefined) return other;
      const all = [...series.values()];
      const time = Number(parameters.get('time') ?? nowMs() / 1000);
      const data = answerTo(all, request, time);
      return data === undefined
        ? new Response('404 page not found', { status: 404 })
        : Response.json({ status: 'success', data });
    },
  };
}
