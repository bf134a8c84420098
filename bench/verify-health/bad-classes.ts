import { clusters, during, podsPerNode, type ReleaseClass } from './release-class.ts';

const forever = Number.POSITIVE_INFINITY;

/** Releases that must never pass; those that are clear-cut must be called. */
export const badClasses: readonly ReleaseClass[] = [
  { name: 'all fail', truth: 'bad', clearCut: true, failures: () => () => 1 },
  { name: '50 % fail', truth: 'bad', clearCut: true, failures: () => () => 0.5 },
  { name: '20 % fail', truth: 'bad', clearCut: true, failures: () => () => 0.2 },
  {
    name: '20 % fail, pods long there',
    truth: 'bad',
    clearCut: true,
    agedSeconds: 900,
    failures: () => () => 0.2,
  },
  {
    name: '20 % fail, old pods serve well',
    truth: 'bad',
    clearCut: true,
    failures: () => () => 0.2,
    old: { part: 1, until: forever, failures: () => () => 0.001 },
  },
  {
    name: '20 % fail, few old pods serve well and go',
    truth: 'bad',
    clearCut: true,
    failures: () => () => 0.2,
    old: { part: 0.25, until: 20, failures: () => () => 0.001 },
  },
  {
    name: '50 % fail, 5 % of old pods’ too',
    truth: 'bad',
    clearCut: true,
    failures: () => () => 0.5,
    old: { part: 1, until: forever, failures: () => () => 0.05 },
  },
  {
    name: '30 % fail, 5 % of old pods’ too',
    truth: 'bad',
    failures: () => () => 0.3,
    old: { part: 1, until: forever, failures: () => () => 0.05 },
  },
  { name: '15 % fail', truth: 'bad', failures: () => () => 0.15 },
  {
    name: 'limit 1 %, 5 % fail',
    truth: 'bad',
    clearCut: true,
    limit: 0.01,
    failures: () => () => 0.05,
  },
  {
    name: 'limit 1 %, 2 % fail',
    truth: 'bad',
    clearCut: true,
    limit: 0.01,
    failures: () => () => 0.02,
  },
  {
    name: '20 % fail from second 25 of a 30-s soak',
    truth: 'bad',
    clearCut: true,
    fits: ({ requestsPerSecond }) => requestsPerSecond >= 20,
    failures: () => during(25, forever, 0.2),
  },
  {
    name: 'all fail from second 25 of a 30-s soak',
    truth: 'bad',
    clearCut: true,
    fits: ({ requestsPerSecond }) => requestsPerSecond >= 2,
    failures: () => during(25, forever, 1),
  },
  {
    name: 'all fail after 10 good minutes',
    truth: 'bad',
    clearCut: true,
    agedSeconds: 600,
    failures: () => during(0, forever, 1),
  },
  {
    name: '20 % fail after 10 good minutes',
    truth: 'bad',
    clearCut: true,
    agedSeconds: 600,
    failures: () => during(0, forever, 0.2),
  },
  {
    name: 'all requests of 1 pod of 20 fail',
    truth: 'bad',
    clearCut: true,
    fits: ({ pods }) => pods === 20,
    failures:
      () =>
      ({ pod }) =>
        pod === 7 ? 1 : 0.001,
    place: 'pod api-7',
  },
  {
    name: '30 % fail at 1 pod of many',
    truth: 'bad',
    fits: ({ pods }) => pods >= 3,
    failures:
      () =>
      ({ pod }) =>
        pod === 1 ? 0.3 : 0.001,
    place: 'pod api-1',
  },
  {
    name: 'all fail on one node',
    truth: 'bad',
    clearCut: true,
    fits: ({ pods }) => pods >= 2 * podsPerNode,
    failures:
      () =>
      ({ pod }) =>
        pod < podsPerNode ? 1 : 0.001,
    place: 'node node-0',
  },
  {
    name: 'one route of ten fails',
    truth: 'bad',
    clearCut: true,
    routes: 10,
    failures:
      () =>
      ({ route }) =>
        route === 3 ? 0.9 : 0.001,
    place: 'route /route-3',
  },
  { name: 'all fail for the first 12 s', truth: 'bad', failures: () => during(-forever, 12, 1) },
  {
    name: '3 s of every 12 fail',
    truth: 'bad',
    failures: (random) => {
      const phase = random.between(0, 12);
      return ({ second }) => ((second + phase + 12e4) % 12 < 3 ? 1 : 0.001);
    },
  },
  {
    name: 'a ramp to 40 % in 60 s',
    truth: 'bad',
    failures:
      () =>
      ({ second }) =>
        Math.min(0.4, Math.max(0, (second / 60) * 0.4)),
  },
  {
    name: 'clusters, correlation 0.3, mean 30 %',
    truth: 'bad',
    failures: (random) => clusters(random, { mean: 0.3, correlation: 0.3, seconds: 2 }),
  },
];

/** Releases of which nothing can be shown. */
export const unprovenClasses: readonly ReleaseClass[] = [
  { name: 'no traffic', truth: 'unproven', traffic: () => 0, failures: () => () => 0 },
  {
    name: 'one request in 20 s',
    truth: 'unproven',
    fits: ({ requestsPerSecond }) => requestsPerSecond === 0.3,
    traffic: () => 1 / 6,
    failures: () => () => 0,
  },
  {
    name: 'database fails 30 % for good, hits old and new',
    truth: 'unproven',
    failures: () => () => 0.3,
    old: { part: 1, until: forever, failures: () => () => 0.3 },
  },
  {
    name: 'database fails 30 % for good, old pods go',
    truth: 'unproven',
    failures: () => () => 0.3,
    old: { part: 1, until: 15, failures: () => () => 0.3 },
  },
  { name: 'exactly the limit', truth: 'unproven', failures: () => () => 0.1 },
];
