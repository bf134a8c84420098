import { describe, expect, test } from '@jest/globals';
import {
  changes,
  edited,
  publishedModules,
  repositories,
  servicesOf,
} from '../../../bench/flow/corpus/index.ts';
import { withSums } from '../../../bench/flow/module-proxy.ts';
import { concerned, type ServiceState } from '../../../bench/flow/truth.ts';

const filesOf = (name: string): ReadonlyMap<string, string> =>
  repositories.find((each) => each.name === name)?.files ?? new Map<string, string>();

describe('the corpus of changes', () => {
  test('has at least sixty, each under a name of its own', () => {
    expect(changes.length).toBeGreaterThanOrEqual(60);
    expect(new Set(changes.map(({ name }) => name)).size).toBe(changes.length);
  });

  test.each(changes)('still applies: $name', ({ repository, edits }) => {
    const before = filesOf(repository);
    expect([...edited(before, edits)]).not.toEqual([...before]);
  });

  test('has a service for each rule of its people, with the charts that it is deployed with', () => {
    for (const { files, dependencies } of repositories)
      expect(servicesOf(files).map(({ name }) => name)).toEqual(Object.keys(dependencies).sort());
    const [api] = servicesOf(filesOf('harbour'));
    expect(api?.delivered).toContain('charts/common/templates/_labels.tpl');
    expect(api?.delivered).not.toContain('services/api/chart/README.md');
  });

  test('is summed as go mod tidy would, also what a dependency asks for', () => {
    const sums = withSums(filesOf('harbour'), publishedModules).get('go.sum') ?? '';
    expect(sums).toMatch(/^kit\.example\.org\/stem v1\.0\.0 h1:/m);
    expect(sums).not.toContain('stem v1.1.0');
  });
});

describe('what a change concerns in truth', () => {
  const state: ServiceState = { program: 'a', tests: { 'm/x Test': 'pass' }, delivered: 'd' };
  const changed = (change: Partial<ServiceState>): unknown =>
    concerned(new Map([['api', state]]), new Map([['api', Object.assign({}, state, change)]]));

  test.each<[string, Partial<ServiceState>, unknown]>([
    ['nothing', {}, {}],
    ['another program', { program: 'b' }, { api: ['program'] }],
    ['a test that fails now', { tests: { 'm/x Test': 'fail' } }, { api: ['tests'] }],
    ['a test that is gone', { tests: {} }, { api: ['tests'] }],
    ['another chart', { delivered: 'e' }, { api: ['deployed files'] }],
  ])('is %s', (_, change, how) => {
    expect(changed(change)).toEqual(how);
  });

  test('is a service that is new, and none that is gone', () => {
    expect(concerned(new Map(), new Map([['api', state]]))).toEqual({ api: ['new'] });
    expect(concerned(new Map([['api', state]]), new Map())).toEqual({});
  });
});
