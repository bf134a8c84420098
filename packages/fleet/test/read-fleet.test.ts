import { describe, expect, test } from '@jest/globals';
import { InputError } from '@slipway/runtime';
import { readFleet, readServiceFile } from '../src/index.ts';
import { badFiles, contradictions, goodFiles } from './corpus.ts';

function told(text: string): string {
  try {
    readFleet(text, 'f.yml');
  } catch (error) {
    if (error instanceof InputError) return error.message;
    throw error;
  }
  return 'nothing';
}

describe('slipway.yml', () => {
  test.each(Object.entries(goodFiles))('is read with %s', (_, text) => {
    expect(told(text)).toBe('nothing');
  });

  test.each(Object.entries(badFiles))('is refused for %s', (_, [text, ...wanted]) => {
    const said = told(text);
    for (const part of wanted) expect(said).toContain(part);
    const lines = said.split('\n').filter((line) => line.includes('f.yml:'));
    expect(lines).toHaveLength(wanted.length);
    const places = wanted.map((part) => lines.findIndex((line) => line.includes(part)));
    expect(places).toEqual([...places].sort((a, b) => a - b));
  });

  test.each(Object.entries(contradictions))('is refused for %s', (_, [text, wanted]) => {
    expect(told(text)).toContain(wanted);
  });

  test('never has a secret quoted', () => {
    expect(told('defaults:\n  helm:\n    registry-password: hunter2\n')).not.toContain('hunter2');
    expect(told('a: "hunter2\n')).not.toContain('hunter2');
  });

  test('has what its environments leave out filled in', () => {
    const { environments } = readFleet(goodFiles['every setting of an environment'] ?? '', 'f.yml');
    const production = environments.find(({ name }) => name === 'production');
    expect(environments.map(({ name }) => name)).toEqual([
      'preview',
      'staging',
      'production',
      'hosts',
    ]);
    expect(production?.when.map(({ kind }) => kind)).toEqual(['tag', 'dispatch', 'push']);
    expect(
      production?.waves.map((wave) =>
        wave.map(({ name, cluster, hosts }) => [name, cluster ?? hosts?.join()]),
      ),
    ).toEqual([
      [['canary', 'canary']],
      [
        ['eu-1', 'eu-1'],
        ['eu-2', 'eu-west-2'],
      ],
      [['edge', '10.0.0.1,edge.example.com']],
    ]);
    expect(environments[0]?.waves).toEqual([
      [{ name: '', cluster: undefined, hosts: undefined, namespace: undefined, valueFiles: [] }],
    ]);
  });

  test('of a service says the same of itself without a folder', () => {
    const { settings } = readServiceFile(
      'package: services/api/cmd/server\ntargets: linux/amd64 linux/arm64\ncgo: true\n',
      'services/api/slipway.yml',
    );
    expect(settings).toEqual({
      package: 'services/api/cmd/server',
      targets: ['linux/amd64', 'linux/arm64'],
      cgo: 'true',
    });
    expect(() => readServiceFile('services: {}\n', 'services/api/slipway.yml')).toThrow(
      'services/api/slipway.yml:1:1: services: "services" is unknown; valid keys: name,',
    );
  });
});

describe('a hostile slipway.yml', () => {
  const bomb = Array.from(
    { length: 9 },
    (_, level) => `a${level}: &a${level} [${`*a${level - 1}, `.repeat(level === 0 ? 0 : 9)}x]`,
  ).join('\n');
  test.each<[string, string, string]>([
    ['of ten megabytes', `services: {a: ${'x'.repeat(10_000_000)}}`, 'is larger than the'],
    ['that is nested very deep', `services: ${'['.repeat(100_000)}`, 'nested too deep'],
    ['of aliases upon aliases', bomb, 'aliases (*) written out'],
    ['that contains itself', 'services: &a\n  x: *a\n', 'with its aliases (*) written out'],
    [
      'with a prototype',
      'services:\n  a: {}\n  __proto__: {name: x}\n',
      'f.yml:3:3: services.__proto__: is no key',
    ],
    [
      'with a prototype in values',
      'defaults: {helm: {values: {a: [{__proto__: 1}]}}}',
      'defaults.helm.values.a[0].__proto__',
    ],
    ['with a NUL', 'a: "\0"', 'not valid YAML'],
    ['with a key twice', 'services: {}\nservices: {}\n', 'a key is there twice'],
    ['that issues commands', 'a: 1\n"::error::x": 1\n"\\n::warning::y": 2\n', 'is unknown'],
  ])('%s is answered with an error', (_, text, wanted) => {
    const said = told(text);
    expect(said).toContain(wanted);
    expect(said).not.toMatch(/^\s*::(?:error|warning)/m);
  });

  test('with thousands of faults names the first twenty', () => {
    const keys = Array.from({ length: 10_000 }, (_, index) => `k${index}: 1`);
    const said = told(keys.join('\n'));
    expect(said.match(/f\.yml:\d/g)).toHaveLength(20);
    expect(said).toContain('f.yml:20:1: k19:');
    const services = Array.from({ length: 10_000 }, (_, index) => ` k${index}: {bad: 1}`);
    const more = told(`services:\n${services.join('\n')}`);
    expect(more.match(/f\.yml:\d/g)).toHaveLength(20);
    expect(more).toContain('and at least 20 more.');
    expect(told(`services: {a: {helm: {values: [${'1,'.repeat(60_000)}]}}}`)).toBe(
      'f.yml:1:1: has more than 50000 values.',
    );
  });

  test('made by chance of a good one never breaks the reader', () => {
    const original = Object.values(goodFiles).join('\n');
    let seed = 7;
    const random = (below: number): number => {
      seed = (seed * 48_271) % 2_147_483_647;
      return seed % below;
    };
    for (let round = 0; round < 300; round += 1) {
      const from = random(original.length);
      const text = original.slice(from, from + random(600));
      const at = random(text.length + 1);
      const put = ['{', ']', '&a ', '*a', '!!map ', '\t', ':', '? ', '|\n', '<<: '][random(10)];
      expect(typeof told(`${text.slice(0, at)}${put ?? ''}${text.slice(at)}`)).toBe('string');
    }
  });
});
