import type { Random } from './random.ts';
import {
  clusters,
  during,
  podsPerNode,
  type FailureShare,
  type PodTime,
  type ReleaseClass,
  type Setting,
} from './release-class.ts';

const forever = Number.POSITIVE_INFINITY;
const always = (setting: Setting): PodTime[] =>
  Array.from({ length: setting.pods }, () => ({ from: -forever, until: forever }));

const several = ({ pods }: Setting): boolean => pods >= 3;

/** A database, shared by old and new pods, that fails `share` of the requests for `seconds`. */
const sickDatabase =
  (share: number, seconds: number) =>
  (random: Random): FailureShare => {
    const at = random.between(-10, 40);
    return during(at, at + seconds, share);
  };

/** A node with too much to do, for half a minute, whoever runs on it. */
const busyNode = (random: Random): FailureShare => {
  const at = random.between(-5, 20);
  return ({ second, pod }) => (pod < podsPerNode && second >= at && second < at + 30 ? 0.6 : 0.001);
};

/** Releases that must pass, or at least never be called bad. */
export const goodClasses: readonly ReleaseClass[] = [
  { name: 'no failures', truth: 'good', failures: () => () => 0 },
  { name: 'steady 0.1 %', truth: 'good', failures: () => () => 0.001 },
  {
    name: 'steady 0.1 %, pods long there',
    truth: 'good',
    agedSeconds: 900,
    failures: () => () => 0.001,
  },
  { name: 'steady at half the limit', truth: 'good', failures: () => () => 0.05 },
  { name: 'steady at 80 % of the limit', truth: 'good', failures: () => () => 0.08 },
  {
    name: 'a burst of 2 s in the soak',
    truth: 'good',
    failures: (random) => {
      const at = random.between(0, 28);
      return during(at, at + 2, 1);
    },
  },
  {
    name: 'a burst of 2 s of one pod',
    truth: 'good',
    fits: several,
    failures: (random) => {
      const at = random.between(0, 28);
      return ({ second, pod }) => (pod === 0 && second >= at && second < at + 2 ? 1 : 0.001);
    },
  },
  {
    name: 'one slow database second',
    truth: 'good',
    failures: (random) => {
      const at = random.between(0, 200);
      return during(at, at + 1, 1, 0.01);
    },
  },
  {
    name: 'a slow second every 30 s',
    truth: 'good',
    failures: (random) => {
      const phase = random.between(0, 30);
      return ({ second }) => ((second + phase + 1e4 * 30) % 30 < 1 ? 1 : 0.001);
    },
  },
  {
    name: 'clusters, correlation 0.3, mean 3 %',
    truth: 'good',
    failures: (random) => clusters(random, { mean: 0.03, correlation: 0.3, seconds: 2 }),
  },
  {
    name: 'clusters, correlation 0.3, mean 5 %',
    truth: 'good',
    failures: (random) => clusters(random, { mean: 0.05, correlation: 0.3, seconds: 2 }),
  },
  {
    name: 'clusters of each pod, correlation 0.3, mean 5 %',
    truth: 'good',
    fits: several,
    failures: (random) =>
      clusters(random, { mean: 0.05, correlation: 0.3, seconds: 2, each: true }),
  },
  {
    name: 'clusters, correlation 0.1, mean 7 %',
    truth: 'good',
    failures: (random) => clusters(random, { mean: 0.07, correlation: 0.1, seconds: 2 }),
  },
  {
    name: 'scale-in to half, failing for its last second',
    truth: 'good',
    fits: several,
    times: (random, setting) => {
      const at = random.between(5, 25);
      return always(setting).map((time, pod) =>
        pod < Math.floor(setting.pods / 2) ? { ...time, until: at } : time,
      );
    },
    failures: (random, setting) => {
      // The same seed gives the same moment as in `times`.
      const at = random.between(5, 25);
      return ({ second, pod }) =>
        pod < Math.floor(setting.pods / 2) && second >= at - 1 && second < at ? 0.5 : 0.001;
    },
  },
  {
    name: 'drain: a pod goes, another comes',
    truth: 'good',
    fits: several,
    times: (random, setting) => {
      const at = random.between(5, 25);
      return [
        ...always(setting).slice(1),
        { from: -forever, until: at },
        { from: at + 4, until: forever },
      ];
    },
    failures: () => () => 0.001,
  },
  {
    name: 'slow start: 2 s of 50 %',
    truth: 'good',
    failures:
      () =>
      ({ age }) =>
        age < 2 ? 0.5 : 0.001,
  },
  {
    name: 'nothing scraped for 60 s',
    truth: 'good',
    failures: () => () => 0.001,
    gap: (random) => {
      const from = random.between(0, 25);
      return { from, until: from + 60 };
    },
  },
  {
    name: 'traffic that triples',
    truth: 'good',
    traffic: (second) => (second < 15 ? 1 : 3),
    failures: () => () => 0.01,
  },
  {
    name: 'database sick for 20 s, hits old and new',
    truth: 'good',
    failures: sickDatabase(1, 20),
    old: { part: 1, until: forever, failures: sickDatabase(1, 20) },
  },
  {
    name: 'database fails 30 % for 60 s, hits old and new',
    truth: 'good',
    failures: sickDatabase(0.3, 60),
    old: { part: 1, until: forever, failures: sickDatabase(0.3, 60) },
  },
  {
    name: 'database fails 30 % for 60 s, few old pods',
    truth: 'good',
    failures: sickDatabase(0.3, 60),
    old: { part: 0.25, until: forever, failures: sickDatabase(0.3, 60) },
  },
  {
    name: 'node busy for 30 s, hits old and new',
    truth: 'good',
    fits: ({ pods }) => pods >= 2 * podsPerNode,
    failures: busyNode,
    old: { part: 1, until: forever, failures: busyNode },
  },
  { name: 'limit 1 %, steady 0.05 %', truth: 'good', limit: 0.01, failures: () => () => 0.0005 },
  {
    name: 'limit 1 %, clusters, correlation 0.3, mean 0.5 %',
    truth: 'good',
    limit: 0.01,
    failures: (random) => clusters(random, { mean: 0.005, correlation: 0.3, seconds: 2 }),
  },
];
