import { describe, expect, test } from '@jest/globals';
import { fillPlaceholders, isScopedToPods, parseAssertions } from '../../src/judge/assertion.ts';
import { parseRequirement, satisfies } from '../../src/judge/requirement.ts';

describe('a requirement', () => {
  test.each<[string, number, boolean]>([
    ['< 0.1', 0.09, true],
    ['<0.1', 0.1, false],
    ['<= 10%', 0.1, true],
    ['>= 1', 1, true],
    ['> -1.5e3', -1501, false],
    ['== 0', 0, true],
    ['!= 0', 0, false],
  ])('%j of %d is %s', (text, value, holds) => {
    expect(satisfies(value, parseRequirement(text))).toBe(holds);
  });

  test.each(['', '0.1', '=< 1', '< one', '< 1 2', '~ 3', '> 1 and < 2'])('refuses %j', (text) => {
    expect(() => parseRequirement(text)).toThrow('is not a requirement; write an operator');
  });
});

describe('the list of assertions', () => {
  test('gives values and shares', () => {
    const yaml = `
- name: latency
  query: max(p99{$scope})
  must: < 0.5
- { name: failed orders, bad: 'orders_total{$scope,ok="no"}', total: 'orders_total{$scope}', must: '< 2%' }`;
    expect(parseAssertions(yaml)).toEqual([
      {
        kind: 'value',
        name: 'latency',
        query: 'max(p99{$scope})',
        must: { operator: '<', limit: 0.5, text: '< 0.5' },
      },
      {
        kind: 'share',
        name: 'failed orders',
        bad: 'orders_total{$scope,ok="no"}',
        total: 'orders_total{$scope}',
        must: { operator: '<', limit: 0.02, text: '< 2%' },
      },
    ]);
  });

  test('may be empty', () => {
    expect([parseAssertions(''), parseAssertions('# none'), parseAssertions('[]')]).toEqual([
      [],
      [],
      [],
    ]);
  });

  test.each<[string, string, RegExp]>([
    ['what is not YAML', '[', /not valid YAML/],
    ['a mapping', 'name: x', /a list of mappings/],
    ['an entry that is a text', '- x', /entry 1 is not a mapping/],
    ['an entry without a name', '- { query: up, must: "> 0" }', /entry 1: "name" must be a text/],
    [
      'an entry without a query',
      '- { name: a, must: "> 0" }',
      /assertion "a": "query" must be a text/,
    ],
    [
      'a must that YAML reads as a number',
      '- { name: a, query: up, must: 1 }',
      /must: assertion "a": "must" must be a text/,
    ],
    [
      'an unknown field',
      '- { name: a, query: up, must: "> 0", window: 5m }',
      /"window" is unknown; valid are name, query, must/,
    ],
    [
      'an unknown placeholder',
      '- { name: a, query: "up{pod=~\\"$pod\\"}", must: "> 0" }',
      /\$pod in "query" is unknown; there are \$pods, \$scope/,
    ],
    [
      'a share that must be above',
      '- { name: a, bad: x, total: y, must: "> 0.1" }',
      /must be < some share between 0 and 1/,
    ],
    ['a share of 100 %', '- { name: a, bad: x, total: y, must: "< 1" }', /between 0 and 1/],
    [
      'a share of a function',
      '- { name: a, bad: "rate(x[1m])", total: y, must: "< 0.1" }',
      /must select one counter/,
    ],
    [
      'a name used twice',
      '- { name: a, query: up, must: "> 0" }\n- { name: a, query: up, must: "> 1" }',
      /"a" is used twice/,
    ],
    [
      'more than 50',
      Array.from({ length: 51 }, (_, n) => `- { name: a${n}, query: up, must: "> 0" }`).join('\n'),
      /more than the 50 allowed/,
    ],
    ['an alias bomb', 'a: &a [x,x]\nb: &b [*a,*a]\n', /a list of mappings/],
  ])('refuses %s', (_, yaml, message) => {
    expect(() => parseAssertions(yaml)).toThrow(message);
  });
});

test('placeholders are filled in, also in braces, and other dollars stay', () => {
  const values = {
    pods: 'a|b',
    scope: 'pod=~"a|b"',
    namespace: 'shop',
    workload: 'api',
    window: '60s',
  };
  expect(fillPlaceholders('x{pod=~"$pods",ns="${namespace}"}[$window] $5 y{$scope}', values)).toBe(
    'x{pod=~"a|b",ns="shop"}[60s] $5 y{pod=~"a|b"}',
  );
});

test('a query without $pods or $scope judges old pods too', () => {
  expect(['x{pod=~"$pods"}', 'x{${scope}}', 'x{pod="$podsy"}', 'x'].map(isScopedToPods)).toEqual([
    true,
    true,
    false,
    false,
  ]);
});
