import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { readYaml } from '../src/index.ts';

const read = (yaml: string): unknown => readYaml(yaml, { name: 'f.yaml', rules: 'helm' });

/** What `YAMLToJSON` of sigs.k8s.io/yaml 1.6.0 (in Helm 4.2.3 and Kubernetes 1.36) made of each text. */
const captured = JSON.parse(
  readFileSync(path.join(import.meta.dirname, 'captured', 'sigs-yaml-1.6.0.json'), 'utf8'),
) as { yaml: string; json?: unknown; refused?: true }[];

describe('under the rules of Helm a text gives what Go gives', () => {
  test.each(captured.filter(({ refused }) => refused === undefined))('$yaml', ({ yaml, json }) => {
    expect(read(yaml) ?? null).toEqual(json);
  });

  test.each(captured.filter(({ refused }) => refused))('$yaml is refused', ({ yaml }) => {
    expect(() => read(yaml)).toThrow(/^f\.yaml (?:is not valid YAML \(line|cannot be used)/);
  });
});

test('under the rules of Helm the last of two equal keys counts and the first of several documents', () => {
  expect(read('a: 1\nb: 2\na: 3\n---\nc: 4\n')).toEqual({ a: 3, b: 2 });
});

test('a key before a merge keeps its value, which is the one known difference to Go', () => {
  expect(read('base: &base {b: 1}\nd: {b: 3, <<: *base}')).toEqual({ base: { b: 1 }, d: { b: 3 } });
});
