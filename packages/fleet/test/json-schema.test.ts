import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { readYaml } from '@slipway/yaml';
import { Ajv, type ValidateFunction } from 'ajv';
import { badFiles, contradictions, goodFiles } from './corpus.ts';

const folder = path.join(import.meta.dirname, '..', '..', '..', 'schema');

function validator(name: string): ValidateFunction {
  const text = readFileSync(path.join(folder, name), 'utf8');
  return new Ajv({
    strict: true,
    strictTypes: false,
    strictRequired: false,
    allErrors: true,
  }).compile(JSON.parse(text) as object);
}

describe('the JSON Schema that editors check slipway.yml by', () => {
  const fits = validator('slipway.schema.json');
  const check = (text: string): boolean =>
    fits(readYaml(text, { name: 'f.yml', rules: 'strict' }) ?? {});

  test.each(Object.entries(goodFiles))('takes %s, as the code does', (_, text) => {
    expect([check(text), fits.errors]).toEqual([true, null]);
  });

  test.each(Object.entries(badFiles))('refuses %s, as the code does', (_, [text]) => {
    expect(check(text)).toBe(false);
  });

  test.each(Object.entries(contradictions))('cannot tell %s', (_, [text]) => {
    expect(check(text)).toBe(true);
  });

  test('says what each key is, also of the inputs of the actions', () => {
    const text = readFileSync(path.join(folder, 'slipway.schema.json'), 'utf8');
    const { definitions } = JSON.parse(text) as {
      definitions: Record<string, { properties: Record<string, { description?: string }> }>;
    };
    for (const { properties } of Object.values(definitions))
      for (const { description } of Object.values(properties)) expect(description).toMatch(/\w{3}/);
  });
});

describe('the JSON Schema of the file in a service folder', () => {
  const fits = validator('slipway-service.schema.json');
  test('takes the settings of one service and nothing else', () => {
    expect(fits({ package: 'cmd/api', helm: { timeout: '5m' } })).toBe(true);
    expect(fits({ services: {} })).toBe(false);
  });
});
