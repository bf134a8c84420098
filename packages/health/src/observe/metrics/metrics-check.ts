import { PrometheusError, type PrometheusClient } from '@slipway/prometheus';
import type { PodRecord } from '@slipway/rollout';
import type { Clock, Log } from '@slipway/runtime';
import { metricFindings, type MetricCheck } from '../../findings/index.ts';
import { failsFreshly } from '../../judge/index.ts';
import type { Check, EarlierPods, RolloutView } from '../check.ts';
import { createAnswers, type Answers } from './answers.ts';
import { limited } from './concurrency-limit.ts';
import {
  createOldPods,
  earlierNamesOf,
  type EarlierNames,
  type OldPods,
  recallGonePods,
} from './control/index.ts';
import { lookOf, oldPodsOf, type Sight } from './looking.ts';
import { metricScope } from './metric-scope.ts';
import type { MetricsRequest } from './metrics-request.ts';
import { packEvidence } from './packed-evidence.ts';
import { createPodScrapes } from './pod-scrapes.ts';
import { createPodMemory, remember, scrapedPod } from './present-pods.ts';
import { questionsOf, type Question } from './questions.ts';
import { createScrapeErrors } from './scrape-errors.ts';

/** What a metrics check is made with. Durations in milliseconds. */
export type MetricsCheckRequest = MetricsRequest & {
  beganMs: number;
  deadlineMs: number;
  intervalMs: number;
};

/** More questions are not asked at once: Prometheus answers 20 at a time by default. */
const atOnce = 8;
const longestPauseMs = 10_000;

/** All that the loops of one check share. */
interface Watch {
  clock: Clock;
  request: MetricsCheckRequest;
  answers: Answers;
  signal: AbortSignal;
  /** The pods that are to stay, and those of earlier revisions. */
  pods: () => readonly PodRecord[];
  old: OldPods;
  /** By what earlier pods that are gone are known; undefined while, or where, nothing is. */
  earlierNames: () => EarlierNames | undefined;
  memory: ReturnType<typeof createPodMemory>;
}

/** Counters that nobody scrapes, such as those that are pushed, have no targets to wait for. */
const targetsWithinMs = 20_000;
/** While a scrape may decide, nobody waits longer for it than this, or a part of the time between two. */
const hurriedMs = 500;
const hurriedPart = 1 / 8;

/** Whether the answer to the question `name` may be decided by the next scrape. */
function isPressing({ clock, answers, request }: Watch, name: string): boolean {
  const { checks, intervalMs } = answers.evidence();
  const time = { beganMs: request.beganMs, nowMs: clock.now(), intervalMs };
  return checks.some((check) => {
    if (check.name !== name) return false;
    if (check.kind === 'share')
      return failsFreshly(check.units, { limit: check.must.limit, ...time });
    return check.kind === 'latency' && failsFreshly(check.surely, { limit: check.share, ...time });
  });
}

/** Waits until the next scrape may have come, at the latest until the deadline. */
async function pause({ clock, request, answers, signal }: Watch, hurry = false): Promise<void> {
  const leftMs = request.beganMs + request.deadlineMs - clock.now();
  const { intervalMs, pods } = answers.evidence();
  // Nobody knows how often they are scraped before two scrapes have come.
  const isKnown = pods.some(({ scrapesMs }) => scrapesMs.length > 1);
  const usual = Math.max(request.intervalMs, isKnown ? intervalMs / 4 : 0);
  const wanted = hurry ? Math.min(usual, Math.max(hurriedMs, intervalMs * hurriedPart)) : usual;
  const pauseMs = Math.max(50, leftMs > 0 ? Math.min(wanted, longestPauseMs, leftMs) : 500);
  await clock.sleep(pauseMs, signal).catch(() => undefined);
}

/** How far Prometheus's clock is ahead of the runner's: by what it says in the middle of the request. */
async function aheadMsOf(client: PrometheusClient, clock: Clock): Promise<number> {
  const askedMs = clock.now();
  const serverMs = await client.serverTime();
  return serverMs - (askedMs + clock.now()) / 2;
}

/** Asks one question again and again. */
async function follow(
  watch: Watch,
  sight: Sight,
  { name, read, counts }: Question,
  inTurn: ReturnType<typeof limited>,
): Promise<void> {
  const { answers, signal, clock, request } = watch;
  /** Counters are told apart by their targets: a first reading without them would take all for one. */
  const isEarly = (): boolean =>
    counts &&
    sight.scrapes.targets().length === 0 &&
    clock.now() - request.beganMs < targetsWithinMs;
  while (!signal.aborted) {
    if (watch.pods().length > 0 && !isEarly())
      await answers.attempt(signal, [name], () =>
        inTurn(async () => answers.put(await read(lookOf(watch, sight)))),
      );
    await pause(watch, isPressing(watch, name));
  }
}

/** Looks once, as soon as it is known how pods are named, for those that were gone at the begin. */
function rememberOnce(watch: Watch, sight: Sight, client: PrometheusClient): () => Promise<void> {
  let isDone = false;
  return async () => {
    const { request, earlierNames, old } = watch;
    const naming = sight.scrapes.naming();
    const names = earlierNames();
    if (isDone || naming === undefined || names === undefined) return;
    isDone = true;
    const { namespace } = request.workload;
    const scope = { ...naming, namespace, beganMs: request.beganMs, aheadMs: sight.aheadMs };
    // Without them there is nothing to compare with, as for a first release.
    const found = await recallGonePods(client, names, scope).catch((error: unknown) => {
      if (error instanceof PrometheusError || watch.signal.aborted) return [];
      throw error;
    });
    old.remember(found);
  };
}

/** Follows `up` of the pods, which tells all others where the pods are. */
async function followScrapes(watch: Watch, sight: Sight, client: PrometheusClient): Promise<void> {
  const { scrapes, aheadMs } = sight;
  const { clock, request, answers, signal, memory } = watch;
  const explain = createScrapeErrors(client);
  const recall = rememberOnce(watch, sight, client);
  while (!signal.aborted) {
    await answers.attempt(signal, ['up'], async () => {
      const old = oldPodsOf(watch, sight, clock.now());
      await scrapes.read([...watch.pods(), ...old], clock.now() + aheadMs);
      const pods = watch.pods();
      const nowMs = clock.now();
      const targets = scrapes.targets();
      const { intervalMs } = metricScope(scrapes.place(pods), targets, pods, request.workload);
      const seen = pods.map((record) => scrapedPod(record, targets, { memory, nowMs, aheadMs }));
      answers.putPods(await explain(seen, targets, nowMs), intervalMs);
      if (request.scrapes) answers.put({ kind: 'up', name: 'up' });
    });
    await recall();
    await pause(watch);
  }
}

/** Asks until `signal` aborts; only our own bugs are thrown. */
async function runWatch(watch: Watch, log: Log, names: readonly string[]): Promise<void> {
  const { clock, request, answers, signal } = watch;
  const client = request.client.withSignal(signal);
  let aheadMs: number | undefined;
  for (;;) {
    await answers.attempt(signal, names, async () => {
      aheadMs = await aheadMsOf(client, clock);
    });
    if (signal.aborted) return;
    if (aheadMs !== undefined) break;
    await pause(watch);
  }
  const beganMs = request.beganMs + aheadMs;
  const sight: Sight = {
    aheadMs,
    targetLabels: undefined,
    scrapes: createPodScrapes(client, request.workload.namespace, beganMs),
  };
  const inTurn = limited(atOnce);
  await Promise.all([
    followScrapes(watch, sight, client),
    ...questionsOf({ client, log, beganMs }, request).map((question) =>
      follow(watch, sight, question, inTurn),
    ),
  ]);
}

/** A check of what Prometheus knows of the new pods; `onNews` is called after each answer. */
export function createMetricsCheck(
  ports: { clock: Clock; log: Log },
  request: MetricsCheckRequest,
  rollout: RolloutView & EarlierPods,
  onNews: () => void,
): Check {
  const { clock, log } = ports;
  const memory = createPodMemory();
  const pods = (): readonly PodRecord[] => {
    const nowMs = clock.now();
    const present = rollout.truth(nowMs)?.present ?? [];
    remember(memory, present, nowMs);
    return present;
  };
  const old = createOldPods(() => rollout.earlier());
  const unasked = questionsOf({ client: request.client, log, beganMs: 0 }, request);
  const empty: MetricCheck[] = [
    ...(request.scrapes ? [{ kind: 'up', name: 'up' } as const] : []),
    ...unasked.map((question) => question.empty),
  ];
  const names = empty.map(({ name }) => name);
  const answers = createAnswers(clock, empty, onNews);
  const earlierNames = (): EarlierNames | undefined =>
    earlierNamesOf(rollout.workload(), rollout.revisionBeganMs?.());
  const watch = { clock, request, answers, pods, old, earlierNames, memory };
  return {
    run: (signal) => runWatch({ ...watch, signal }, log, names),
    findings: (time) => metricFindings(answers.evidence(), time),
    evidence: () => packEvidence(answers.evidence()),
  };
}
