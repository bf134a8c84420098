/** A counter of the requests that a service answered, and what its labels mean. */
export interface RequestCounter {
  metric: string;
  /** The label with the outcome: an HTTP status, or a gRPC code. */
  code: string;
  /** The label with the route or the path; undefined where there is none. */
  route: string | undefined;
  protocol: 'http' | 'grpc';
  /** Further matchers that leave requests to others out: `reporter="destination"`. */
  only: string | undefined;
  /** Who exports it, for the log. */
  by: string;
}

interface Known {
  metric: RegExp;
  by: string;
  codes: readonly string[];
  routes: readonly string[];
  protocol?: 'http' | 'grpc';
  only?: Readonly<Record<string, string>>;
  /** Whether a proxy before the service exports it. */
  proxy?: true;
}

const httpCodes = [
  'code',
  'status',
  'status_code',
  'http_status_code',
  'http_code',
  'response_code',
];
const httpRoutes = [
  'route',
  'handler',
  'path',
  'uri',
  'url',
  'http_route',
  'endpoint',
  'operation',
];

/**
 * Counters by the libraries that export them, those that know most of a request first: a service's own
 * before its sidecar's. Names are from each library's documentation and source.
 */
const known: readonly Known[] = [
  {
    metric: /^http_server_request_duration_seconds_count$/,
    by: 'OpenTelemetry',
    codes: ['http_response_status_code'],
    routes: ['http_route', 'url_path'],
  },
  {
    metric: /^http_server_duration_(milliseconds_|seconds_)?count$/,
    by: 'OpenTelemetry before 1.23',
    codes: ['http_status_code'],
    routes: ['http_route', 'http_target'],
  },
  {
    metric: /^http_requests_total$/,
    by: 'promhttp or its like',
    codes: httpCodes,
    routes: httpRoutes,
  },
  {
    metric: /^gin(_gonic)?_requests?_total$/,
    by: 'gin',
    codes: httpCodes,
    routes: ['handler', 'path', 'url'],
  },
  { metric: /^gin_uri_request_total$/, by: 'gin', codes: ['code'], routes: ['uri'] },
  {
    metric: /^echo_requests_total$/,
    by: 'echo',
    codes: httpCodes,
    routes: ['url', 'path', 'handler'],
  },
  { metric: /^chi_requests_total$/, by: 'chi', codes: httpCodes, routes: ['path', 'route'] },
  {
    metric: /^http_server_requests_total$/,
    by: 'its HTTP server',
    codes: httpCodes,
    routes: httpRoutes,
  },
  {
    metric: /^http_server_requests_seconds_count$/,
    by: 'Micrometer',
    codes: ['status'],
    routes: ['uri'],
  },
  {
    metric: /^(http_)?requests?_duration_seconds_count$/,
    by: 'a histogram of its durations',
    codes: httpCodes,
    routes: httpRoutes,
  },
  {
    proxy: true,
    metric: /^nginx_ingress_controller_requests$/,
    by: 'the nginx ingress controller',
    codes: ['status'],
    routes: ['path', 'ingress'],
  },
  {
    proxy: true,
    metric: /^traefik_entrypoint_requests_total$/,
    by: 'Traefik',
    codes: ['code'],
    routes: ['entrypoint'],
  },
  {
    proxy: true,
    metric: /^istio_requests_total$/,
    by: 'Istio’s proxy',
    codes: ['response_code'],
    routes: ['request_operation', 'destination_path'],
    only: { reporter: 'destination' },
  },
  {
    proxy: true,
    metric: /^response_total$/,
    by: 'Linkerd’s proxy',
    codes: ['status_code'],
    routes: ['rt_route', 'route_name'],
    only: { direction: 'inbound' },
  },
];

const knownCalls: readonly Known[] = [
  {
    metric: /^grpc_server_handled_total$/,
    by: 'grpc-go’s interceptors',
    codes: ['grpc_code'],
    routes: ['grpc_service'],
    protocol: 'grpc',
  },
  {
    metric: /^rpc_server_(call_)?duration_(milliseconds_|seconds_)?count$/,
    by: 'OpenTelemetry',
    codes: ['rpc_grpc_status_code', 'rpc_response_status_code'],
    routes: ['rpc_service', 'rpc_method'],
    protocol: 'grpc',
  },
];

/** Labels that hold an HTTP status in counters that no list knows. */
const codeLabels = [...httpCodes, 'http_response_status_code'];

/** A pattern (RE2) of the names of the counters that are known, for one query for all. */
export const requestCounterNames: string = [...known, ...knownCalls]
  .map(({ metric }) => metric.source.replace(/^\^|\$$/g, ''))
  .join('|');

/** Selectors of the series by which `findRequestCounters` can tell, narrowed by `matchers`. */
export function requestCounterSelectors(matchers: string): string[] {
  return [
    `{__name__=~"${requestCounterNames}",${matchers}}`,
    ...codeLabels.map((label) => `{${label}=~"[1-5][0-9][0-9]|[1-5]xx",${matchers}}`),
  ];
}

type Labels = Readonly<Record<string, string>>;

const nameOf = (labels: Labels): string => labels['__name__'] ?? '';

function firstOf(names: readonly string[], has: readonly Labels[]): string | undefined {
  return names.find((name) => has.some((labels) => labels[name] !== undefined));
}

function matchersOf(only: Readonly<Record<string, string>>): string {
  return Object.entries(only)
    .map(([name, value]) => `${name}="${value}"`)
    .join(',');
}

function counterOf(
  { metric, by, codes, routes, protocol = 'http', only }: Known,
  series: readonly Labels[],
  targetLabels: ReadonlySet<string>,
): RequestCounter | undefined {
  const found = series.filter((labels) => metric.test(nameOf(labels)));
  const code = firstOf(codes, found);
  if (code === undefined) return undefined;
  const own = routes.filter((name) => !targetLabels.has(name));
  return {
    metric: nameOf(found.find((labels) => labels[code] !== undefined) ?? {}),
    code,
    protocol,
    by,
    route: firstOf(own, found),
    only: only === undefined ? undefined : matchersOf(only),
  };
}

/** What is no count of requests that the service answered: calls to others, and its own scrapes. */
const others =
  /client|outbound|egress|upstream|^promhttp_|^prometheus_|^go_|^process_|^net_conntrack/;

/** A counter that no list knows, by the shape of its labels; the name that says most of a server first. */
function unlisted(
  series: readonly Labels[],
  targetLabels: ReadonlySet<string>,
): RequestCounter | undefined {
  const names = [...new Set(series.map(nameOf))]
    .filter((name) => /_(total|count)$/.test(name) && !others.test(name))
    .filter((name) => /request|response|http|call/.test(name))
    .sort(
      (a, b) => Number(b.includes('server')) - Number(a.includes('server')) || (a < b ? -1 : 1),
    );
  return names
    .map((metric) => {
      const by = 'a counter with HTTP codes';
      const shape = {
        metric: new RegExp(`^${metric}$`),
        by,
        codes: codeLabels,
        routes: httpRoutes,
      };
      return counterOf(shape, series, targetLabels);
    })
    .find((counter) => counter !== undefined);
}

/**
 * The counters of answered requests among `series` (label sets with `__name__`): one of HTTP and one of
 * gRPC at most, since the others count the same requests again; one that knows the route comes first, as
 * podinfo has it in a histogram and not in its counter. `targetLabels` are those that scraping
 * adds, which say nothing of requests.
 */
export function findRequestCounters(
  series: readonly Labels[],
  targetLabels: ReadonlySet<string>,
): readonly RequestCounter[] {
  const first = (of: readonly Known[]): RequestCounter | undefined => {
    const found = of
      .map((one) => counterOf(one, series, targetLabels))
      .filter((counter) => counter !== undefined);
    // Probes and scrapes, also those of a second Prometheus, can be told from users by their route alone.
    return found.find(({ route }) => route !== undefined) ?? found[0];
  };
  const counters = [
    first(known.filter(({ proxy }) => proxy !== true)) ??
      first(known.filter(({ proxy }) => proxy === true)) ??
      unlisted(series, targetLabels),
    first(knownCalls),
  ];
  return counters.filter((counter) => counter !== undefined);
}

/** What is known of a counter by its name and its series: the labels of a metric that the user names. */
export function describeCounter(
  metric: string,
  series: readonly Labels[],
  targetLabels: ReadonlySet<string>,
): RequestCounter | undefined {
  const listed = [...known, ...knownCalls].find((one) => one.metric.test(metric));
  const by = 'the input requests-metric';
  const shape = { metric: new RegExp(`^${metric}$`), by, codes: codeLabels, routes: httpRoutes };
  const mine = series.filter((labels) => nameOf(labels) === metric);
  return (
    (listed === undefined ? undefined : counterOf(listed, mine, targetLabels)) ??
    counterOf(shape, mine, targetLabels)
  );
}
