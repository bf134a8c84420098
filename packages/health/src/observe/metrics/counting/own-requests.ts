import type { PodRecord } from '@slipway/rollout';
import type { ScrapedTarget } from '../pod-scrapes.ts';

/** Requests to a pod that nobody who uses the service sent. Times of Prometheus's clock. */
export interface OwnRequests {
  who: 'kubelet' | 'scrapes' | 'this verification';
  path: string;
  /** How many there were in a stretch of time, as far as that is known; may be a fraction. */
  count: (fromMs: number, toMs: number) => number;
  /**
   * How many a verification before this one may have sent in it besides, which nobody can know here: as many
   * as this one does in such a time.
   */
  before?: (fromMs: number, toMs: number) => number;
}

/** What this verification itself sends to pods. Times of the runner's clock. */
export interface SentRequests {
  /** How many for one path after `fromMs` and up to `toMs`. */
  sentBy(pod: string, fromMs: number, toMs: number, path: string): number;
  paths(pod: string): readonly string[];
}

type Container = NonNullable<NonNullable<PodRecord['pod']['spec']>['containers']>[number];

const secondsMs = 1_000;

/** What commands of probes name that ask the container's own server: `curl`, `localhost:9898/healthz`. */
const asksServer = /\b(curl|wget|https?|localhost|127\.0\.0\.1|grpc[-_]health[-_]probe)\b|\[::1\]/i;

/**
 * The path that a probe's command asks for, as far as it is written there; undefined for one that asks no
 * server. Whether the service counts it is found by its number, as for every path.
 */
export function commandPath(command: readonly string[]): string | undefined {
  const text = command.join(' ');
  if (!asksServer.test(text)) return undefined;
  return /(?:\/\/[^/\s'"]+|:\d{2,5})(\/[^\s'"]*)/.exec(text)?.[1] ?? text;
}

function kubelet(containers: readonly Container[]): OwnRequests[] {
  return containers.flatMap(({ readinessProbe, livenessProbe }) =>
    [readinessProbe, livenessProbe].flatMap((probe): OwnRequests[] => {
      const path =
        probe?.httpGet === undefined
          ? commandPath(probe?.exec?.command ?? [])
          : (probe.httpGet.path ?? '/');
      if (probe === undefined || path === undefined) return [];
      const periodMs = (probe.periodSeconds ?? 10) * secondsMs;
      return [
        {
          who: 'kubelet',
          path,
          count: (fromMs, toMs) => Math.max(0, toMs - fromMs) / periodMs,
        },
      ];
    }),
  );
}

/** Known for a shorter time, nobody can tell how often something is sent. */
const rateAfterMs = 4_000;

/** When a verification began, and what it has sent since, by the runner's clock. */
export interface Sending {
  by: SentRequests | undefined;
  beganMs: number;
  nowMs: number;
  /** How far Prometheus's clock is ahead. */
  aheadMs: number;
}

/** What this verification sent to a pod, by path. */
function sentTo(name: string, { by, beganMs, nowMs, aheadMs }: Sending): OwnRequests[] {
  return (by?.paths(name) ?? []).map((path) => {
    const sent = (fromMs: number, toMs: number) => by?.sentBy(name, fromMs, toMs, path) ?? 0;
    const lastsMs = nowMs - beganMs;
    const perMs = lastsMs < rateAfterMs ? 0 : sent(beganMs, nowMs) / lastsMs;
    return {
      who: 'this verification',
      path,
      count: (fromMs, toMs) => sent(fromMs - aheadMs, toMs - aheadMs),
      before: (fromMs, toMs) =>
        perMs * Math.max(0, Math.min(toMs - aheadMs, beganMs) - (fromMs - aheadMs)),
    };
  });
}

function metricsPath({ pod }: PodRecord): string {
  return pod.metadata?.annotations?.['prometheus.io/path'] ?? '/metrics';
}

/** Who asks a pod without using it: the kubelet, Prometheus by its own scrapes, this verification. */
export function ownRequests(
  record: PodRecord,
  targets: readonly ScrapedTarget[],
  sent: Sending,
): OwnRequests[] {
  const name = record.pod.metadata?.name ?? '';
  const spec = record.pod.spec;
  const containers = [...(spec?.containers ?? []), ...(spec?.initContainers ?? [])];
  const scrapes = targets
    .filter(({ pod }) => pod === name)
    .flatMap((target) => target.scrapes.map(({ atMs }) => atMs));
  const ours = sentTo(name, sent);
  return [
    ...kubelet(containers),
    ...(scrapes.length === 0
      ? []
      : [
          {
            who: 'scrapes' as const,
            path: metricsPath(record),
            count: (fromMs: number, toMs: number) =>
              scrapes.filter((atMs) => atMs > fromMs && atMs <= toMs).length,
          },
        ]),
    ...ours,
  ];
}

/** A route as it can be compared: `GET /readyz/?x=1` is `/readyz`. */
const bare = (route: string): string =>
  route
    .replace(/^[A-Z]+ /, '')
    .replace(/[?#].*$/, '')
    .replace(/(?<=.)\/$/, '');

/** Whether a segment of a route stands for anything: `{id}`, `:id`, `<id>`, `[id]`, `*`. */
const isWildcard = (segment: string): boolean => /^(\{.*\}|:.+|<.*>|\[.*\]|\*.*)$/.test(segment);

/** Whether a route names a path; `/orders/{id}` names `/orders/7`. */
export function isSamePath(route: string, path: string): boolean {
  const named = bare(route);
  if (named === '') return false;
  const wanted = (named.startsWith('/') ? named : `/${named}`).split('/');
  const asked = bare(path).split('/');
  return (
    wanted.length === asked.length &&
    wanted.every((segment, index) => segment === asked[index] || isWildcard(segment))
  );
}

/** What libraries call the handlers of probes and metrics, and what load balancers ask for. */
const usualNames =
  /^\/?(health|healthz|healthcheck|health[-_]check|ready|readyz|readiness|live|livez|liveness|ping|metrics|prometheus|promhttp)$/i;

/**
 * Whether a route is there for the kubelet, Prometheus or a load balancer: nobody who uses the service
 * asks it. A path that only this verification asks for is one of users'.
 */
export function isOwnRoute(
  route: string,
  own: readonly Pick<OwnRequests, 'who' | 'path'>[],
): boolean {
  const path = bare(route);
  if (usualNames.test(path) || path === 'grpc.health.v1.Health') return true;
  return own
    .filter(({ who }) => who !== 'this verification')
    .some((one) => bare(one.path) === path || bare(one.path) === `/${path}`);
}

/** Whether a route stands for all that has none of its own, so that probes may be among it. */
export function isCollapsedRoute(route: string): boolean {
  return /^(|\/|\*|\/\*|other|others|unmatched|unknown|default|not[-_ ]?found|none|catch[-_]?all)$/i.test(
    bare(route),
  );
}
