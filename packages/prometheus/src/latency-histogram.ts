/** A histogram of how long requests took. */
export interface LatencyHistogram {
  /** Without `_bucket`. */
  metric: string;
  kind: 'classic' | 'native';
  /** How many of its units make a second. */
  perSecond: number;
  /** The label with the route or the path; undefined where there is none. */
  route: string | undefined;
  /** Further matchers that leave requests to others out. */
  only: string | undefined;
  /** Texts of the label `le`, for a classic one. */
  bounds: readonly string[];
}

/** Histograms of the libraries whose counters of requests are known; a service's own before its sidecar's. */
const names = [
  'http_server_request_duration_seconds',
  'http_server_duration_(?:milliseconds|seconds)',
  'http_server_duration',
  'http_request_duration_(?:seconds|milliseconds)',
  'http_requests_duration_seconds',
  'gin_(?:gonic_)?request_duration(?:_seconds)?',
  'echo_request_duration_seconds',
  'chi_request_duration_(?:seconds|milliseconds)',
  'request_duration_seconds',
  'http_server_requests_seconds',
  'grpc_server_handling_seconds',
  'rpc_server_(?:call_)?duration_(?:milliseconds|seconds)',
  'nginx_ingress_controller_request_duration_seconds',
  'istio_request_duration_milliseconds',
] as const;

const routes = ['http_route', 'route', 'handler', 'path', 'uri', 'url', 'endpoint', 'grpc_service'];

type Labels = Readonly<Record<string, string>>;

const nameOf = (labels: Labels): string => labels['__name__'] ?? '';

/** Selectors of the series by which `findLatencyHistogram` can tell, narrowed by `matchers`. */
export function latencySelectors(matchers: string): string[] {
  const pattern = names.join('|').replace(/\?:/g, '');
  return [`{__name__=~"(${pattern})(_bucket)?",${matchers}}`];
}

/**
 * The histogram of answered requests among `series` (label sets with `__name__`). Of one that is there in
 * both kinds the native one is taken: its bounds lie closer.
 */
export function findLatencyHistogram(
  series: readonly Labels[],
  targetLabels: ReadonlySet<string>,
): LatencyHistogram | undefined {
  for (const name of names) {
    const pattern = new RegExp(`^${name}(_bucket)?$`);
    const mine = series.filter((labels) => pattern.test(nameOf(labels)));
    const native = mine.filter((labels) => !nameOf(labels).endsWith('_bucket'));
    const used = native.length > 0 ? native : mine;
    if (used[0] === undefined) continue;
    const metric = nameOf(used[0]).replace(/_bucket$/, '');
    return {
      metric,
      kind: native.length > 0 ? 'native' : 'classic',
      perSecond: /milliseconds|^http_server_duration$/.test(metric) ? 1_000 : 1,
      route: routes.find(
        (label) => !targetLabels.has(label) && used.some((labels) => labels[label] !== undefined),
      ),
      only: metric.startsWith('istio_') ? 'reporter="destination"' : undefined,
      bounds: [...new Set(used.flatMap(({ le }) => (le === undefined ? [] : [le])))],
    };
  }
  return undefined;
}
