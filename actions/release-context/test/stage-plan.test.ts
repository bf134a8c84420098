import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { readFleet, type Target } from '@slipway/fleet';
import { fleetEnvironment } from '../src/fleet-environment.ts';
import type { FleetEntry, FleetPlan } from '../src/fleet-plan.ts';
import { checkStages, stagesOutput } from '../src/stage-output.ts';
import { planStages, type StageEntry } from '../src/stage-plan.ts';
import { planSummary } from '../src/summary.ts';

const entry = (service: string): FleetEntry => ({
  label: service,
  service,
  path: `services/${service}`,
  'working-directory': '.',
  package: `./services/${service}`,
  'go-version-file': 'go.mod',
  'go-work': '',
  tags: '',
  chart: `services/${service}/chart`,
  image: `ghcr.io/acme/${service}`,
  targets: 'linux/amd64',
  cgo: '',
  release: service,
  namespace: 'of-the-call',
  environment: 'production',
  workload: `deployment/${service}`,
  'value-files': 'usual.yaml',
  ldflags: '',
  owners: '',
  'output-dir': `.slipway/${service}`,
  order: '0',
  go: '{}',
  build: '{}',
  helm: '{}',
  verify: '{}',
});

/** The waves of an environment, as slipway.yml has them. */
const wavesOf = (production: string): readonly (readonly Target[])[] =>
  readFleet(`environments: { production: ${production} }`, 'slipway.yml').environments[0]?.waves ??
  [];

const twoWaves = wavesOf(
  `{ namespace: '{service}-{target}', value-files: ['{chart}/{target}.yaml'], waves: [canary, [eu, { name: us, cluster: us-east-1 }]] }`,
);

let root: string;
beforeEach(() => {
  root = mkdtempSync(path.join(os.tmpdir(), 'slipway-stages-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const planOf = (
  services: Readonly<Record<string, readonly string[]>>,
  waves: readonly (readonly Target[])[],
): FleetPlan => ({
  kind: 'tag',
  version: '1.2.3',
  environment: 'production',
  services: Object.keys(services),
  matrix: Object.keys(services).map(entry),
  because: new Map(),
  leftTo: new Map(),
  tests: [],
  why: 'a test',
  go: '{}',
  sentTo: undefined,
  waves,
  ordered: Object.entries(services).map(([name, dependsOn]) => ({ name, dependsOn })),
  explained: [],
});

const stagesOf = async (
  plan: FleetPlan,
  given: { held?: ReadonlyMap<string, string>; namespace?: string } = {},
) =>
  await planStages(plan, {
    root,
    namespace: given.namespace,
    services: [],
    held: given.held ?? new Map<string, string>(),
  });
const shown = (stages: readonly (readonly StageEntry[])[]): readonly string[] =>
  stages.map((entries) => entries.map((each) => `${each.service}@${each.target}`).join(' '));

describe('the stages of a plan', () => {
  test('are one, to the place that the call says, where nothing says more', async () => {
    const { stages } = await stagesOf(planOf({ api: [], web: [] }, []));
    expect(shown(stages)).toEqual(['api@ web@']);
    expect(stages[0]?.[0]).toMatchObject({
      stage: '1',
      cluster: '',
      hosts: '',
      namespace: 'of-the-call',
      'value-files': 'usual.yaml',
    });
  });

  test('have the namespace that slipway.yml says under helm, on every target', async () => {
    const plan = planOf({ api: [] }, twoWaves);
    const matrix = plan.matrix.map((each) =>
      Object.assign({}, each, { helm: '{"namespace":"shop"}' }),
    );
    const clusters = wavesOf('{ namespace: other, waves: [canary, eu] }');
    const { stages } = await stagesOf(Object.assign({}, plan, { matrix, waves: clusters }), {
      namespace: 'of-the-call',
    });
    expect(stages.flat().map(({ namespace }) => namespace)).toEqual(['shop', 'shop']);
  });

  test('put each service on each target of a wave, with what that target says', async () => {
    mkdirSync(path.join(root, 'services/api/chart'), { recursive: true });
    writeFileSync(path.join(root, 'services/api/chart/us.yaml'), '');
    const { stages } = await stagesOf(planOf({ api: [] }, twoWaves));
    expect(shown(stages)).toEqual(['api@canary', 'api@eu api@us']);
    expect(stages[1]).toMatchObject([
      { stage: '2', target: 'eu', cluster: 'eu', namespace: 'api-eu', 'value-files': '' },
      {
        ...{ stage: '2', target: 'us', cluster: 'us-east-1', namespace: 'api-us' },
        'value-files': 'services/api/chart/us.yaml',
      },
    ]);
    for (const each of stages.flat())
      expect(Object.values(each).every((value) => typeof value === 'string')).toBe(true);
  });

  test('keep a namespace that is said of the service itself', async () => {
    const plan = planOf({ api: [] }, twoWaves);
    const own = Object.assign({}, entry('api'), { helm: '{"namespace":"own"}', namespace: 'own' });
    const { stages } = await stagesOf(Object.assign({}, plan, { matrix: [own] }));
    expect(stages.flat().map(({ namespace }) => namespace)).toEqual(['own', 'own', 'own']);
  });

  test('follow depends-on among what is planned, in each wave', async () => {
    const { stages } = await stagesOf(planOf({ web: ['api'], api: [], mail: [] }, twoWaves));
    expect(shown(stages)).toEqual([
      'api@canary mail@canary',
      'web@canary',
      'api@eu api@us mail@eu mail@us',
      'web@eu web@us',
    ]);
    expect(stages[1]?.[0]).toMatchObject({ 'depends-on': 'api', stage: '2' });
  });

  test('leave out what has no chart, and let nobody wait for it', async () => {
    const plan = planOf({ web: ['lib'], lib: [] }, []);
    const matrix = plan.matrix.map((each) =>
      each.service === 'lib' ? Object.assign({}, each, { chart: '' }) : each,
    );
    const { stages } = await stagesOf(Object.assign({}, plan, { matrix }));
    expect(stages).toMatchObject([[{ service: 'web', 'depends-on': '' }]]);
  });

  test('leave out who is held back and who depends on it, and name both', async () => {
    const { stages, held } = await stagesOf(
      planOf({ front: ['web'], web: ['api'], api: [], mail: [] }, []),
      { held: new Map([['api', 'not verified in staging']]) },
    );
    expect(shown(stages)).toEqual(['mail@']);
    expect(held).toEqual([
      { service: 'api', why: 'not verified in staging' },
      { service: 'web', why: 'it depends on api, which is held back' },
      { service: 'front', why: 'it depends on web, which is held back' },
    ]);
  });

  test('are refused where two targets are one place', async () => {
    const waves = wavesOf(`{ waves: [{ name: a, cluster: c }, { name: b, cluster: c }] }`);
    await expect(stagesOf(planOf({ api: [] }, waves))).rejects.toThrow(
      'the targets a and b are one place for api: cluster c, namespace production.',
    );
  });

  test('are refused with the place of the environment in slipway.yml', async () => {
    const text = `environments:
  production: { when: { kind: tag }, waves: [{ name: a, cluster: c }, { name: b, cluster: c }] }
`;
    const fleet = readFleet(text, 'slipway.yml');
    const event = { kind: 'tag', tag: 'v1.2.3' } as const;
    const sentTo = fleetEnvironment(fleet, event, { version: '1.2.3', nowMs: 0 });
    const plan = planOf({ api: [] }, sentTo?.environment.waves ?? []);
    await expect(stagesOf(Object.assign({}, plan, { sentTo }))).rejects.toThrow(
      'slipway.yml:2:3: environments.production.waves: the targets a and b are one place for api',
    );
  });

  test('are refused where one of them is more than a matrix', async () => {
    const services = Object.fromEntries(
      Array.from({ length: 200 }, (_, index): [string, string[]] => [`s${index}`, []]),
    );
    await expect(stagesOf(planOf(services, twoWaves))).rejects.toThrow(
      '200 services to 2 targets at once are 400 deployments, more than the 256 jobs',
    );
  });

  test('are told in the summary when they are more than one', async () => {
    const plan = planOf({ api: [] }, twoWaves);
    const summary = planSummary(plan, { stagePlan: await stagesOf(plan), changes: [] });
    expect(summary).toContain('| stage 1 | api to canary |');
    expect(summary).toContain('| stage 2 | api to eu, us |');
    const single = planOf({ api: [] }, []);
    expect(planSummary(single, { stagePlan: await stagesOf(single), changes: [] })).not.toContain(
      'stage 1',
    );
  });
});

describe('the output stages', () => {
  const hostile = Object.assign({}, entry('api'), {
    namespace: 'x"},\n{"service":"evil","stage":"1"}]},{"include":[',
  });

  test('is JSON of which each entry is one line, whatever the texts hold', async () => {
    const plan = Object.assign({}, planOf({ api: [] }, []), { matrix: [hostile] });
    const { stages } = await stagesOf(plan);
    const text = stagesOutput(stages);
    expect(JSON.parse(text)).toEqual([{ include: stages[0] }]);
    expect(text.split('\n')).toHaveLength(3);
    expect(text.split('\n')[1]).toMatch(/^\{"service":"api","stage":"1","depends-on":"",/);
    expect(stagesOutput([])).toBe('[]');
  });

  test('is refused where it has more stages than the workflow deploys, with the figures', async () => {
    const plan = planOf({ c: ['b'], b: ['a'], a: [] }, twoWaves);
    const { stages } = await stagesOf(plan);
    expect(() => checkStages(stages, 6)).not.toThrow();
    expect(() => checkStages(stages, 0)).not.toThrow();
    expect(() => checkStages(stages, 5)).toThrow('has 6 stages, more than the 5 that');
  });

  test('is refused where a job could not read it', async () => {
    const many = Object.fromEntries(
      Array.from({ length: 256 }, (_, index): [string, string[]] => [
        `a-service-with-a-long-name-${index}`,
        [],
      ]),
    );
    const { stages } = await stagesOf(planOf(many, wavesOf('{ waves: [a, b] }')));
    expect(() => checkStages(stages, 6)).toThrow(/512 deployments, whose plan of \d+ kB/);
  });
});
