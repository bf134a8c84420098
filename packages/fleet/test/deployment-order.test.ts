import { describe, expect, test } from '@jest/globals';
import { deploymentOrder, dueBefore } from '../src/index.ts';

const services = [
  { name: 'web', dependsOn: ['api'] },
  { name: 'api', dependsOn: ['ledger', 'users'] },
  { name: 'users', dependsOn: [] },
  { name: 'ledger', dependsOn: ['users'] },
  { name: 'mail', dependsOn: [] },
];

describe('the order of deployment', () => {
  test('puts each service behind all that it depends on, and the others beside them', () => {
    expect(deploymentOrder(services)).toEqual([['users', 'mail'], ['ledger'], ['api'], ['web']]);
  });

  test('holds between services that are due, also through one that is not', () => {
    expect(deploymentOrder(services, ['web', 'users', 'mail'])).toEqual([
      ['users', 'mail'],
      ['web'],
    ]);
    expect(deploymentOrder(services, [])).toEqual([]);
  });

  test('has no more groups than what is due needs', () => {
    // api stands behind two others of which none is due, so it need not wait for mail.
    expect(deploymentOrder(services, ['api', 'mail'])).toEqual([['mail', 'api']]);
  });

  test('tells for what each one waits, through those that are not due', () => {
    expect(Object.fromEntries(dueBefore(services, ['web', 'users', 'ledger', 'mail']))).toEqual({
      web: ['ledger', 'users'],
      users: [],
      ledger: ['users'],
      mail: [],
    });
  });

  test('is refused for a circle, which is named', () => {
    const circle = [
      { name: 'a', dependsOn: ['b'] },
      { name: 'b', dependsOn: ['c'] },
      { name: 'c', dependsOn: ['b'] },
    ];
    expect(() => deploymentOrder(circle)).toThrow(
      'The services depend on each other in a circle: b → c → b.',
    );
    expect(() => deploymentOrder([{ name: 'a', dependsOn: ['a'] }])).toThrow('circle: a → a.');
  });

  test('is refused for a service that does not exist, and names the nearest', () => {
    expect(() => deploymentOrder([{ name: 'a', dependsOn: ['ladger'] }, ...services])).toThrow(
      'depends-on of the service "a": "ladger" is unknown; did you mean ledger?',
    );
  });

  test('is refused with the place in the file, where one says it', () => {
    const said = 'slipway.yml:4:5: services."services/a".depends-on';
    const one = { name: 'a', dependsOn: ['ladger'], said };
    expect(() => deploymentOrder([one, ...services])).toThrow(
      `${said}: "ladger" is unknown; did you mean ledger?`,
    );
    expect(() => deploymentOrder([{ name: 'a', dependsOn: ['a'], said }])).toThrow(
      `${said}: the services depend on each other in a circle: a → a.`,
    );
  });

  test('of a thousand services in one chain is found', () => {
    const chain = Array.from({ length: 1_000 }, (_, index) => ({
      name: `s${index}`,
      dependsOn: index === 0 ? [] : [`s${index - 1}`],
    }));
    expect(deploymentOrder(chain)).toHaveLength(1_000);
    expect(deploymentOrder([...chain].reverse(), ['s999', 's0'])).toEqual([['s0'], ['s999']]);
  });
});
