import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { readFleet } from '@slipway/fleet';
import {
  planRelease,
  readEnvironments,
  type PlanFacts,
  type ReleaseEvent,
  type Service,
} from '@slipway/release';
import { plannedService } from '../../../packages/release/test/planned-service.ts';
import { saidOfNobody } from '../src/fleet-selection.ts';
import { planFleet, type FleetFacts, type FleetPlan } from '../src/fleet-plan.ts';
import { notDeployed, planSummary } from '../src/summary.ts';

const service = (name: string): Service =>
  plannedService(name, {
    targets: ['linux/amd64'],
    valueFiles: { staging: `services/${name}/chart/values-staging.yaml` },
  });
const services = ['api', 'ledger', 'web'].map(service);

const file = `services:
  services/*:
    helm: { timeout: 6m, set: { a: b } }
  services/api:
    depends-on: ledger
    image: registry.example/own/api
    ldflags: -s -w
    owners: ['@acme/api']
  services/web:
    depends-on: [api]
environments:
  staging:
    when: { kind: push }
    namespace: '{service}-{environment}'
  production:
    when: { kind: tag }
    value-files: ['{chart}/production.yaml', '{chart}/values-{target}.yaml']
    waves: [canary, [eu, us]]
    freeze:
      - { days: fri, time: 16:00-24:00, zone: Europe/Berlin, reason: Nobody looks }
`;
const push: ReleaseEvent = {
  kind: 'push',
  branch: 'main',
  onDefaultBranch: true,
  baseSha: undefined,
};
const tag: ReleaseEvent = { kind: 'tag', tag: 'v1.2.3' };
const summaryOf = (made: FleetPlan): string =>
  planSummary(made, { stagePlan: { stages: [], held: [] }, changes: [] });
/** A Wednesday. */
const nowMs = Date.UTC(2026, 6, 1, 12);
const friday = Date.UTC(2026, 6, 3, 15);

describe('a plan with slipway.yml', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(path.join(os.tmpdir(), 'slipway-fleet-'));
    for (const { chart } of services) mkdirSync(path.join(root, chart), { recursive: true });
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  const plan = async (
    event: ReleaseEvent,
    given: { text?: string; nowMs?: number; call?: Partial<FleetFacts['call']> } = {},
  ) => {
    const facts: PlanFacts = {
      services,
      environments: readEnvironments({}),
      registry: 'ghcr.io/acme',
      namespace: '{environment}',
      sha: 'c'.repeat(40),
      commitTimeMs: nowMs,
      affected: () =>
        Promise.resolve({
          names: services.map(({ name }) => name),
          because: new Map(),
          tests: [],
          why: 'a test',
        }),
      testsOf: () => [],
    };
    return planFleet(await planRelease(event, facts), event, {
      root,
      fleet: given.text === '' ? undefined : readFleet(given.text ?? file, 'slipway.yml'),
      call: { namespace: undefined, environments: false, ...given.call },
      services,
      nowMs: given.nowMs ?? nowMs,
    });
  };

  test('deploys each service behind those it depends on', async () => {
    const { matrix } = await plan(push);
    expect(matrix.map(({ service: name, order }) => `${order} ${name}`)).toEqual([
      '0 ledger',
      '1 api',
      '2 web',
    ]);
  });

  test('hands on what the file says of each service', async () => {
    const { matrix } = await plan(push);
    const api = matrix.find(({ service: name }) => name === 'api');
    expect(api).toMatchObject({
      image: 'registry.example/own/api',
      ldflags: '-s -w',
      owners: '@acme/api',
      namespace: 'api-staging',
      environment: 'staging',
      'value-files': 'services/api/chart/values-staging.yaml',
      helm: '{"set":"a=b","timeout":"6m"}',
      verify: '{}',
    });
    expect(Object.values(api ?? {}).every((value) => typeof value === 'string')).toBe(true);
  });

  test('has one place of a release, also when an input of an action says it', async () => {
    const said = `services:
  services/*:
  services/api:
    build: { output-dir: out/api }
    helm: { release: shop-api, namespace: shop, chart: 'oci://ghcr.io/acme/charts/api' }
    verify: { workload: statefulset/api }
`;
    const { matrix } = await plan(push, { text: said });
    const of = (name: string) => matrix.find((entry) => entry.service === name);
    expect(of('api')).toMatchObject({
      release: 'shop-api',
      namespace: 'shop',
      chart: 'oci://ghcr.io/acme/charts/api',
      workload: 'statefulset/api',
      'output-dir': 'out/api',
    });
    expect(of('web')).toMatchObject({
      release: 'web',
      chart: 'services/web/chart',
      workload: 'deployment/web',
      'output-dir': '.slipway/web',
    });
  });

  test('hands on to the tests of modules what holds for every service', async () => {
    const text = `defaults: { go: { check-latest: true } }
services: { services/*: , services/api: { go: { cache: false } } }
`;
    expect((await plan(push, { text })).go).toBe('{"check-latest":"true"}');
    const alike = 'services: { services/*: { go: { cache: false } } }\n';
    expect((await plan(push, { text: alike })).go).toBe('{"cache":"false"}');
    expect((await plan(push, { text: '' })).go).toBe('{}');
  });

  test('shows of an owner what can be seen', async () => {
    const text = `defaults: { owners: ["@a\\u202e\\u0007::error::%0A", "@acme/b"] }
services: { services/*: }
`;
    const { matrix } = await plan(push, { text });
    expect(matrix[0]?.owners).toBe('@a::error::%0A\n@acme/b');
  });

  test('hands on what the file in a service folder says, before the root', async () => {
    writeFileSync(path.join(root, 'services/ledger/slipway.yml'), 'helm: { timeout: 9m }\n');
    const { matrix, explained } = await plan(push);
    expect(matrix[0]?.helm).toBe('{"set":"a=b","timeout":"9m"}');
    const ledger = explained.find(({ name }) => name === 'ledger')?.service.explained;
    expect(ledger?.find(({ key }) => key === 'helm.timeout')?.origin).toEqual({
      from: 'file',
      file: 'services/ledger/slipway.yml',
      line: 1,
      column: 9,
      where: 'helm.timeout',
    });
  });

  test('takes the namespace of the call before that of the file', async () => {
    const { matrix } = await plan(push, { call: { namespace: 'own-{service}' } });
    expect(matrix[0]?.namespace).toBe('own-ledger');
  });

  test('goes to the waves of the environment, with the value files that are there', async () => {
    writeFileSync(path.join(root, 'services/web/chart/production.yaml'), '');
    const { environment, waves, matrix, sentTo } = await plan(tag);
    expect([environment, sentTo?.why]).toEqual([
      'production',
      'environments.production.when in slipway.yml, line 16',
    ]);
    expect(waves.map((wave) => wave.map(({ name }) => name))).toEqual([['canary'], ['eu', 'us']]);
    expect(matrix.map((entry) => entry['value-files'])).toEqual([
      '',
      '',
      'services/web/chart/production.yaml',
    ]);
  });

  test('deploys nothing while the environment is frozen, and says until when', async () => {
    const frozen = await plan(tag, { nowMs: friday });
    expect([frozen.environment, frozen.waves]).toEqual(['', []]);
    expect(frozen.matrix.map(({ environment }) => environment)).toEqual(['', '', '']);
    expect(summaryOf(frozen)).toContain(
      'production is frozen until 2026-07-03 22:00 UTC &#40;Nobody looks&#41; by slipway.yml',
    );
  });

  test('goes nowhere for an event that the file does not name', async () => {
    const elsewhere = await plan({ ...push, branch: 'x', onDefaultBranch: false });
    expect([elsewhere.environment, elsewhere.waves, elsewhere.sentTo]).toEqual(['', [], undefined]);
    expect((await plan({ kind: 'tag', tag: 'v1.2.3-rc.1' })).environment).toBe('');
  });

  test('takes a dispatch for what its branch is, unless an environment is named', async () => {
    const from = { branch: 'main', onDefaultBranch: true };
    expect((await plan({ kind: 'dispatch', from, inputs: {} })).environment).toBe('staging');
    const named: ReleaseEvent = { kind: 'dispatch', from, inputs: { environment: 'production' } };
    expect((await plan(named)).environment).toBe('production');
    const wrong: ReleaseEvent = { kind: 'dispatch', from, inputs: { environment: 'prodction' } };
    await expect(plan(wrong)).rejects.toThrow('did you mean production?');
  });

  test('is what the call says where the call says where releases go', async () => {
    const { environment, sentTo, waves } = await plan(tag, { call: { environments: true } });
    expect([environment, sentTo, waves]).toEqual(['production', undefined, []]);
  });

  test('pushes no image of code under review, whatever the file says', async () => {
    const { matrix } = await plan({
      kind: 'pull-request',
      number: 7,
      headSha: 'a'.repeat(40),
      baseSha: undefined,
    });
    expect(matrix.map(({ image }) => image)).toEqual(['', '', '']);
  });

  test('without a file is the plan as it was', async () => {
    const { environment, matrix, explained } = await plan(push, { text: '' });
    expect([environment, matrix[0]?.service, matrix[0]?.helm]).toEqual(['staging', 'api', '{}']);
    expect(explained[0]?.service.explained.every(({ origin }) => origin.from === 'default')).toBe(
      true,
    );
  });

  test('refuses inputs of an action that are more than a step can be given', async () => {
    const values = `values: { text: ${'x'.repeat(121_000)} }`;
    const text = `services: { services/*: { helm: { ${values} } } }\n`;
    await expect(plan(push, { text })).rejects.toThrow(
      /says 122 kB under helm of (?:api|job|web), more than the 120 kB/,
    );
  });

  test('says of a service without a chart that it is not deployed, and what it lacks', async () => {
    const text = 'services: { services/*: }\nenvironments: { staging: { when: { kind: push } } }\n';
    const made = await plan(push, { text });
    expect(notDeployed(made)).toEqual([]);
    const matrix = made.matrix.map((entry) =>
      entry.service === 'web' ? Object.assign({}, entry, { chart: '' }) : entry,
    );
    expect(notDeployed({ environment: 'staging', matrix })).toEqual([
      ['web', expect.stringContaining('no services/web/chart, no charts/web')],
    ]);
    expect(notDeployed({ environment: '', matrix })).toEqual([]);
    const shown = summaryOf(Object.assign({}, made, { matrix }));
    expect(shown).toContain('web is not deployed');
  });

  test('warns of what is said of a folder in which no service lies', () => {
    const text =
      'services:\n  services/*:\n  services/api: { image: false }\n  other/*:\n  services/apy: { image: false }\n';
    const fleet = readFleet(text, 'slipway.yml');
    expect(saidOfNobody(fleet, {}, services)).toEqual([
      expect.stringMatching(/^slipway\.yml:5:3: "services\/apy" is the folder of no service/),
    ]);
    expect(saidOfNobody(fleet, { services: ['services/web'] }, services)).toEqual([]);
    expect(saidOfNobody(readFleet('name: beacon\n', 'slipway.yml'), {}, services)).toEqual([]);
  });

  test('is refused for a service to wait for that is not there, with its place', async () => {
    const text = 'services:\n  services/*:\n  services/api:\n    depends-on: ladger\n';
    await expect(plan(push, { text })).rejects.toThrow(
      'slipway.yml:4:5: services."services/api".depends-on: "ladger" is unknown; did you mean ledger?',
    );
  });

  test('shows in the summary who said what', async () => {
    expect(summaryOf(await plan(push))).toMatch(
      /\| {2}\| depends-on \| ledger \| slipway\.yml:5 services\./,
    );
  });
});
