import { describe, expect, it } from '@jest/globals';
import {
  deployments,
  planRelease,
  readEnvironments,
  splitByTarget,
  type PlanFacts,
  type ReleaseEvent,
  type Service,
} from '../src/index.ts';
import { plannedService } from './planned-service.ts';

const service = (name: string, given: Partial<Service> = {}): Service =>
  plannedService(name, {
    valueFiles: { production: `services/${name}/chart/values-production.yaml` },
    ...given,
  });

const facts = (given: Partial<PlanFacts> = {}): PlanFacts => ({
  services: [
    service('api'),
    service('ledger'),
    service('rules', { chart: '', image: false, targets: ['wasip1/wasm'] }),
  ],
  environments: readEnvironments({}),
  registry: 'ghcr.io/acme',
  namespace: '{environment}',
  sha: 'c'.repeat(40),
  commitTimeMs: Date.UTC(2026, 10, 24),
  affected: () =>
    Promise.resolve({
      names: ['ledger'],
      because: new Map([['ledger', 'services/ledger/main.go']]),
      tests: [{ module: '', patterns: ['./services/ledger'] }],
      why: 'a test',
    }),
  testsOf: (names) => [{ module: '', patterns: names?.map((name) => `./${name}`) ?? ['./...'] }],
  ...given,
});

const push: ReleaseEvent = {
  kind: 'push',
  branch: 'main',
  onDefaultBranch: true,
  baseSha: undefined,
};
const dispatch = (inputs: { services?: string; environment?: string }): ReleaseEvent => ({
  kind: 'dispatch',
  from: { branch: 'main', onDefaultBranch: true },
  inputs,
});

describe('a plan', () => {
  it.each<[string, ReleaseEvent, string, string, string[]]>([
    [
      'a pull request',
      { kind: 'pull-request', number: 7, headSha: 'a'.repeat(40), baseSha: undefined },
      '0.0.0-pr-7.20261124000000.gaaaaaaa',
      '',
      ['ledger'],
    ],
    ['a push', push, '0.0.0-main.20261124000000.gccccccc', 'staging', ['ledger']],
    [
      'a push elsewhere',
      { ...push, branch: 'x', onDefaultBranch: false },
      '0.0.0-x.20261124000000.gccccccc',
      '',
      ['ledger'],
    ],
    ['a tag', { kind: 'tag', tag: 'v1.1.0' }, '1.1.0', 'production', ['api', 'ledger', 'rules']],
    [
      'a pre-release',
      { kind: 'tag', tag: 'v1.1.0-rc.1' },
      '1.1.0-rc.1',
      'staging',
      ['api', 'ledger', 'rules'],
    ],
    [
      'a release that is marked as a pre-release',
      { kind: 'tag', tag: 'v1.1.0', markedPrerelease: true },
      '1.1.0',
      'staging',
      ['api', 'ledger', 'rules'],
    ],
    ['a tag of one service', { kind: 'tag', tag: 'api/v2.0.0' }, '2.0.0', 'production', ['api']],
    [
      'a dispatch that names both',
      dispatch({ environment: 'qa', services: 'ledger, api' }),
      '0.0.0-main.20261124000000.gccccccc',
      'qa',
      ['api', 'ledger'],
    ],
    [
      'a dispatch that names a service by its folder',
      dispatch({ services: 'services/api' }),
      '0.0.0-main.20261124000000.gccccccc',
      'staging',
      ['api'],
    ],
    [
      'a dispatch on a tag',
      { kind: 'dispatch', from: { tag: 'v1.1.0' }, inputs: {} },
      '1.1.0',
      'production',
      ['api', 'ledger', 'rules'],
    ],
  ])(
    'for %s has version, environment and services',
    async (_, event, version, environment, names) => {
      expect(await planRelease(event, facts())).toMatchObject({
        kind: event.kind,
        version,
        environment,
        services: names,
      });
    },
  );

  it('hands every job only texts that no tool can take for a flag', async () => {
    const { matrix } = await planRelease({ kind: 'tag', tag: 'v1.1.0' }, facts());
    expect(matrix[0]).toEqual({
      label: 'api',
      service: 'api',
      path: 'services/api',
      'working-directory': '.',
      package: './services/api',
      'go-version-file': 'go.mod',
      'go-work': '',
      tags: '',
      chart: 'services/api/chart',
      image: 'ghcr.io/acme/api',
      targets: 'linux/amd64\nlinux/arm64',
      cgo: '',
      release: 'api',
      namespace: 'production',
      environment: 'production',
      workload: 'deployment/api',
      'value-files': 'services/api/chart/values-production.yaml',
    });
    for (const value of matrix.flatMap((entry) => Object.values({ ...entry })))
      expect(value).not.toMatch(/^-/);
  });

  it('can give every target a job of its own, which pushes no image', async () => {
    const { matrix } = await planRelease({ kind: 'tag', tag: 'v1.1.0' }, facts());
    const split = splitByTarget(matrix);
    expect(split.map(({ label, service: name, targets }) => [label, name, targets])).toEqual([
      ['api-linux-amd64', 'api', 'linux/amd64'],
      ['api-linux-arm64', 'api', 'linux/arm64'],
      ['ledger-linux-amd64', 'ledger', 'linux/amd64'],
      ['ledger-linux-arm64', 'ledger', 'linux/arm64'],
      ['rules-wasip1-wasm', 'rules', 'wasip1/wasm'],
    ]);
    expect(split.map(({ image }) => image).join('')).toBe('');
  });

  it('refuses more jobs than GitHub runs of one matrix', async () => {
    const services = Array.from({ length: 129 }, (_, index) => service(`s${index}`));
    const { matrix } = await planRelease({ kind: 'tag', tag: 'v1.1.0' }, facts({ services }));
    expect(() => splitByTarget(matrix)).toThrow('258 services and targets are more than the 256');
  });

  it('refuses more services than GitHub runs jobs of one matrix, and says what to do', async () => {
    const services = Array.from({ length: 257 }, (_, index) => service(`s${index}`));
    await expect(planRelease({ kind: 'tag', tag: 'v1.1.0' }, facts({ services }))).rejects.toThrow(
      '257 services are to be planned, more than the 256 jobs',
    );
    // That there are so many is no reason to plan none of them.
    const one = await planRelease({ kind: 'tag', tag: 's7/v1.1.0' }, facts({ services }));
    expect(one.services).toEqual(['s7']);
  });

  it.each<[string, ReleaseEvent, string]>([
    ['all of a tag for every service', { kind: 'tag', tag: 'v1.1.0' }, './...'],
    ['what the service of a tag is made of', { kind: 'tag', tag: 'api/v1.1.0' }, './api'],
    ['what the services of a dispatch are made of', dispatch({ services: 'ledger' }), './ledger'],
    ['what a push can break', push, './services/ledger'],
  ])('tests %s', async (_, event, pattern) => {
    const { tests } = await planRelease(event, facts());
    expect(tests).toEqual([{ module: '', patterns: [pattern] }]);
  });

  it('deploys what has a chart and an image, and only when there is an environment', async () => {
    const tagged = await planRelease({ kind: 'tag', tag: 'v1.1.0' }, facts());
    expect(deployments(tagged.matrix).map((entry) => entry.service)).toEqual(['api', 'ledger']);
    const branch = await planRelease({ ...push, onDefaultBranch: false, branch: 'x' }, facts());
    expect(deployments(branch.matrix)).toEqual([]);
  });

  it('gives code under review no image to push', async () => {
    const { matrix } = await planRelease(
      { kind: 'pull-request', number: 7, headSha: undefined, baseSha: undefined },
      facts(),
    );
    expect(matrix.map(({ image }) => image)).toEqual(['']);
  });

  it('follows the environments that the user chose', async () => {
    const environments = readEnvironments({ tag: 'live', push: '' });
    const tag = await planRelease({ kind: 'tag', tag: 'v1.1.0' }, facts({ environments }));
    expect(tag.environment).toBe('live');
    expect((await planRelease(push, facts({ environments }))).environment).toBe('');
  });

  it('fills environment and service into the namespace', async () => {
    const { matrix } = await planRelease(
      { kind: 'tag', tag: 'api/v1.1.0' },
      facts({ namespace: 'shop-{service}-{environment}' }),
    );
    expect(matrix[0]?.namespace).toBe('shop-api-production');
  });

  it.each([
    [{ environment: 'Prod uction' }, /the environment "Prod uction" is not valid/],
    [{ environment: '-n kube-system' }, /is not valid/],
    [{ services: 'api nobody' }, /"nobody" is unknown; valid: api, ledger, rules/],
  ])('refuses the dispatch inputs %j', async (inputs, message) => {
    await expect(planRelease(dispatch(inputs), facts())).rejects.toThrow(message);
  });

  it('gives no service the version that a tag has for another', async () => {
    const event: ReleaseEvent = {
      kind: 'dispatch',
      from: { tag: 'api/v1.1.0' },
      inputs: { services: 'ledger' },
    };
    await expect(planRelease(event, facts())).rejects.toThrow(
      /ledger is asked for, but the tag is a version of api/,
    );
  });

  it('refuses an environment for pull requests, of which nothing is deployed', () => {
    expect(() => readEnvironments({ 'pull-request': 'preview' })).toThrow(
      /pull-request=preview would change nothing/,
    );
    expect(readEnvironments({ 'pull-request': '' })['pull-request']).toBe('');
  });

  it('refuses an environment for a situation that does not exist', () => {
    expect(() => readEnvironments({ tags: 'x' })).toThrow(
      /"tags" is unknown; valid keys: pull-request, push, branch, tag, pre-release, dispatch/,
    );
  });
});
