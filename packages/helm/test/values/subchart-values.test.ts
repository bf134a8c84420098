import { expect, test } from '@jest/globals';
import { chartValues, effectiveValues } from '../../src/values/index.ts';

const file = (path: string, text: string) => ({ path, content: Buffer.from(text) });

/** As a chart lies on disk that has `cache` (an archive, called `store`), in that `metrics`, and `gone`, switched off. */
const files = [
  file(
    'Chart.yaml',
    'name: app\nversion: 1.0.0\ndependencies:\n- { name: cache, alias: store, version: 1.x, import-values: [exports] }\n- { name: gone, condition: gone.enabled }\n',
  ),
  file(
    'values.yaml',
    'port: 80\nstore: { size: 2 }\ngone: { enabled: false }\nglobal: { env: dev }\n',
  ),
  file('charts/cache-1.0.0.tgz/Chart.yaml', 'name: cache\nversion: 1.0.0\n'),
  file(
    'charts/cache-1.0.0.tgz/values.yaml',
    'size: 1\nttl: 60\nmetrics: { port: 9 }\nglobal: { env: own, zone: a }\n',
  ),
  file('charts/gone/Chart.yaml', 'name: gone\nversion: 1.0.0\n'),
  file('charts/gone/values.yaml', 'size: 3\n'),
  file('charts/cache-1.0.0.tgz/charts/metrics/Chart.yaml', 'name: metrics\nversion: 1.0.0\n'),
  file('charts/cache-1.0.0.tgz/charts/metrics/values.yaml', 'port: 1\npath: /metrics\n'),
];

/** What Helm stores as the chart's values: all of it in one, with the globals handed down, and an import. */
const stored = {
  port: 80,
  imported: 'from cache',
  gone: { enabled: false },
  global: { env: 'dev' },
  store: {
    size: 2,
    ttl: 60,
    global: { env: 'dev', zone: 'a' },
    metrics: { port: 9, path: '/metrics', global: { env: 'dev', zone: 'a' } },
  },
};

test('values of subcharts are told with the chart that gives them, and globals once', () => {
  const { layers, subcharts } = chartValues(files, stored);
  const values = { store: { ttl: 30 }, global: { env: 'prod' } };
  const told = effectiveValues([...layers, { origin: 'values', values }], () => '#', subcharts);
  const lines = told.map(
    ({ path, value, over, origin }) =>
      `${path} = ${String(value)} (${[...over, origin].join(' < ')})`,
  );
  expect(lines.sort()).toEqual([
    'global.env = prod (chart < values)',
    'gone.enabled = false (chart)',
    'imported = from cache (chart)',
    'port = 80 (chart)',
    'store.global.zone = a (subchart store)',
    'store.metrics.path = /metrics (subchart store.metrics)',
    'store.metrics.port = 9 (subchart store.metrics < subchart store)',
    'store.size = 2 (subchart store < chart)',
    'store.ttl = 30 (subchart store < values)',
  ]);
});
