import { describe, expect, test } from '@jest/globals';
import {
  actionInputs,
  actionInputTexts,
  readFleet,
  type ActionInputKind,
  type ActionKey,
} from '@slipway/fleet';
import { errorMessage } from '@slipway/runtime';
import { actionsOfKeys, inputKinds } from '../../tools/docs/fleet-inputs.ts';
import { root } from '../../tools/manifest.ts';
import { metadata, parseWith } from './contracted-action.ts';

const keys = Object.keys(actionsOfKeys) as ActionKey[];

/** A value of each kind as somebody writes it into slipway.yml, and the text that the action gets. */
const samples: Readonly<Record<string, readonly (readonly [yaml: string, text: string])[]>> = {
  text: [['abc', 'abc']],
  boolean: [
    ['true', 'true'],
    ['false', 'false'],
  ],
  integer: [['3', '3']],
  number: [['0.5', '0.5']],
  duration: [['30s', '30s']],
  list: [['[a, b]', 'a\nb']],
  map: [['{ a: b, c: 1 }', 'a=b\nc=1']],
  document: [['{ a: [1] }', 'a:\n  - 1\n']],
  json: [
    ['{ a: [1] }', '{"a":[1]}'],
    ["'a=[1]'", 'a=[1]'],
  ],
};

function samplesOf(kind: ActionInputKind): readonly (readonly [string, string])[] {
  return typeof kind === 'string' ? (samples[kind] ?? []) : kind.map((one) => [`'${one}'`, one]);
}

/** Said beside the key, or of no use in a release. */
const notTaken: Readonly<Record<ActionKey, readonly string[]>> = {
  go: [],
  build: [
    ...['targets', 'packages', 'working-directory', 'ldflags', 'tags', 'cgo', 'image'],
    'plan-only',
  ],
  helm: ['uninstall', 'dry-run', 'source-commit'],
  verify: ['mode'],
};

describe.each(keys)('%s in slipway.yml', (key) => {
  const action = actionsOfKeys[key];
  const kinds: Readonly<Record<string, ActionInputKind>> = actionInputs[key];

  test('knows every input of the action, as it is declared now', async () => {
    expect(kinds).toEqual(await inputKinds(root, key));
    const beside = metadata(action)
      .inputs.map(({ name }) => name)
      .filter((name) => !(name in kinds));
    expect(beside.toSorted()).toEqual([...notTaken[key], 'settings'].toSorted());
    for (const name of notTaken[key])
      expect(() => read(name, 'x')).toThrow(`${key}.${name}: is not taken here. `);
  });

  const entries = Object.entries(kinds);
  const read = (name: string, yaml: string) =>
    readFleet(`defaults: { ${key}: { ${name}: ${yaml} } }`, 'slipway.yml').defaults[key] ?? {};

  test('hands every input on as the action reads it', () => {
    for (const [name, kind] of entries.filter(([, one]) => one !== 'secret')) {
      expect([name, samplesOf(kind).length > 0]).toEqual([name, true]);
      for (const [yaml, text] of samplesOf(kind))
        expect([name, actionInputTexts(key, read(name, yaml))]).toEqual([name, { [name]: text }]);
    }
  });

  test('refuses every secret, and says where it belongs', () => {
    for (const [name] of entries.filter(([, one]) => one === 'secret'))
      expect(() => read(name, 'x')).toThrow(`hand ${name} to the workflow`);
    const secrets = metadata(action)
      .inputs.map(({ name }) => name)
      .filter((name) => /password|token|kubeconfig|netrc|key$/.test(name) && name !== 'cache-key');
    expect(entries.filter(([, one]) => one === 'secret').map(([name]) => name)).toEqual(secrets);
  });

  test('takes no value of these kinds that the action refuses', async () => {
    for (const [name, kind] of Object.entries(kinds)) {
      if (['text', 'list', 'map', 'document', 'json', 'secret'].includes(String(kind))) continue;
      for (const [, text] of samplesOf(kind)) {
        const { error } = await parseWith(action, { [name]: text });
        expect(errorMessage(error)).not.toContain(`${name}: "${text}"`);
      }
    }
  });
});
