import { describe, expect, test } from '@jest/globals';
import { globMatcher } from '@slipway/glob';
import {
  isServiceFolder,
  originText,
  readFleet,
  readServiceFile,
  resolveService,
  settingsTable,
  type ServiceKnowledge,
} from '../src/index.ts';

const fleet = readFleet(
  `defaults:
  targets: [linux/amd64]
  helm: { timeout: 5m, max-retries: 1, wait: true }
services:
  services/*:
    helm: { timeout: 6m }
    owners: '@acme/all'
  services/p*:
    helm: { timeout: 7m }
  services/payments:
    helm: { timeout: 8m }
    depends-on: [ledger]
  services/**:
    helm: { max-retries: 4 }
  "!services/legacy":
`,
  'slipway.yml',
);
const known = { glob: globMatcher };

function origins(folder: string, more: Partial<ServiceKnowledge> = {}): Record<string, string> {
  const { explained } = resolveService(fleet, folder, { ...known, ...more });
  return Object.fromEntries(
    explained.map(({ key, value, origin }) => [key, `${String(value)} ${originText(origin)}`]),
  );
}

describe('what holds for a service', () => {
  test('is said by its folder before a glob, by a later glob before an earlier one, by defaults last', () => {
    expect(origins('services/payments')).toEqual({
      'depends-on': 'ledger slipway.yml:12 services."services/payments".depends-on',
      'helm.max-retries': '4 slipway.yml:14 services."services/**".helm.max-retries',
      'helm.timeout': '8m slipway.yml:11 services."services/payments".helm.timeout',
      'helm.wait': 'true slipway.yml:3 defaults.helm.wait',
      owners: '@acme/all slipway.yml:7 services."services/*".owners',
      targets: 'linux/amd64 slipway.yml:2 defaults.targets',
    });
    expect(origins('services/prices')['helm.timeout']).toContain('7m slipway.yml:9');
    expect(origins('services/orders')['helm.timeout']).toContain('6m slipway.yml:6');
  });

  test('is said by its own file before the inputs, by these before the root, by a default last', () => {
    const own = readServiceFile('# own\nhelm:\n  timeout: 9m\n', 'services/payments/slipway.yml');
    const told = origins('services/payments', {
      own,
      inputs: { targets: ['linux/arm64'], helm: { timeout: '10m' } },
      defaults: { workload: 'deployment/payments', targets: ['linux/386'] },
    });
    expect(told['helm.timeout']).toBe('9m services/payments/slipway.yml:3 helm.timeout');
    expect(told['targets']).toBe('linux/arm64 input targets');
    expect(told['workload']).toBe('deployment/payments default');
  });

  test('is whole in its settings', () => {
    expect(resolveService(fleet, 'services/payments', known).settings).toEqual({
      targets: ['linux/amd64'],
      owners: ['@acme/all'],
      'depends-on': ['ledger'],
      helm: { timeout: '8m', 'max-retries': 4, wait: true },
    });
  });

  test('is the default where there is no file at the root', () => {
    const { settings } = resolveService(undefined, 'services/a', {
      ...known,
      defaults: { name: 'a' },
    });
    expect(settings).toEqual({ name: 'a' });
  });

  test('at the root may be all that the file at the root says', () => {
    const root = readFleet('name: shop\nhelm:\n  timeout: 2m\n', 'slipway.yml');
    const { explained } = resolveService(root, '.', known);
    expect(explained.map(({ key, origin }) => `${key} ${originText(origin)}`)).toEqual([
      'helm.timeout slipway.yml:3 helm.timeout',
      'name slipway.yml:1 name',
    ]);
    expect(isServiceFolder(root, '.', globMatcher)).toBe(true);
    expect(isServiceFolder(root, 'cmd', globMatcher)).toBe(false);
  });

  test('does not change what the file says of the next service', () => {
    resolveService(fleet, 'services/payments', known);
    expect(fleet.defaults.helm).toEqual({ timeout: '5m', 'max-retries': 1, wait: true });
  });
});

describe('a folder', () => {
  test.each([
    ['services/a', true],
    ['services/a/b', true],
    ['services/legacy', false],
    ['tools/a', false],
  ])('%s is one of a service: %s', (folder, is) => {
    expect(isServiceFolder(fleet, folder, globMatcher)).toBe(is);
  });
});

describe('the table of settings', () => {
  test('says of each service what holds and where that was said', () => {
    const service = resolveService(fleet, 'services/orders', known);
    expect(
      settingsTable([{ name: 'orders', service }])
        .split('\n')
        .slice(0, 4),
    ).toEqual([
      '| service | setting | value | from |',
      '| --- | --- | --- | --- |',
      '| orders | helm.max-retries | 4 | slipway.yml:14 services.&quot;services/&#42;&#42;&quot;.helm.max-retries |',
      '|  | helm.timeout | 6m | slipway.yml:6 services.&quot;services/&#42;&quot;.helm.timeout |',
    ]);
  });

  test('shows what a file holds as text, shortened, in one line', () => {
    const hostile = readServiceFile(
      `owners: ['<img src=x> | @acme/all']\nhelm: { description: ${'x'.repeat(300)}, values: "a: 1\\nb: 2" }\n`,
      'a/slipway.yml',
    );
    const service = resolveService(undefined, 'a', { ...known, own: hostile });
    const table = settingsTable([{ name: 'a', service }]);
    expect(table.split('\n')).toHaveLength(5);
    expect(table).not.toContain('<img');
    expect(table).toContain('&#124; @\u200bacme/all');
    expect(table).toContain(`${'x'.repeat(120)} …`);
    expect(table).toContain('| a: 1 … |');
  });
});
