import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { InputError } from '@slipway/runtime';
import { readActionMetadata } from '../../tools/docs/action-metadata.ts';
import { renderActionTypes } from '../../tools/docs/action-types.ts';
import { withTables } from '../../tools/docs/tables.ts';
import { root } from '../../tools/manifest.ts';
import {
  actionFile,
  actionNames,
  actionText,
  metadata,
  parseWith,
  sources,
  typings,
  type Typing,
} from './contracted-action.ts';

const kebab = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/;
const names = (declared: readonly { name: string }[]): string[] =>
  declared.map(({ name }) => name).sort();

/** Defaults that are values; an expression such as `${{ github.token }}` is not one here. */
function defaultValues(action: string): Record<string, string> {
  return Object.fromEntries(
    metadata(action)
      .inputs.filter(({ default: value }) => value !== undefined && !value.includes('${{'))
      .map(({ name, default: value }) => [name, value ?? '']),
  );
}

function fits(value: string, typing: Typing): boolean {
  switch (typing.type) {
    case 'boolean':
      return value === 'true' || value === 'false';
    case 'integer':
      return /^-?\d+$/.test(value);
    case 'float':
      return Number.isFinite(Number(value));
    case 'enum':
      return typing['allowed-values']?.includes(value) === true;
    default:
      return true;
  }
}

describe.each(actionNames)('%s', (action) => {
  test('runs on Node 24 from its own bundle, post from the same', () => {
    const { using, main, post, ...others } = metadata(action).runs;
    expect([using, main]).toEqual(['node24', `../../dist/${action}/index.js`]);
    expect([undefined, main]).toContain(post);
    expect(Object.keys(others).filter((key) => key !== 'post-if')).toEqual([]);
  });

  test('has a post step in action.yml exactly when its code has one', () => {
    const code = actionText(action, 'src', 'index.ts');
    expect(code).toContain(`name: '${action}'`);
    expect(/runAction\(\{[^}]*\bpost\b/.test(code)).toBe(
      metadata(action).runs['post'] !== undefined,
    );
  });

  test('says what each input and output is, in kebab-case', () => {
    const { name, description, inputs, outputs } = metadata(action);
    expect([name, description].every((text) => text.length > 3)).toBe(true);
    for (const declared of [...inputs, ...outputs]) {
      expect(declared.name).toMatch(kebab);
      expect(declared.description).toMatch(/^\S.{8,}[.)]$/);
    }
  });

  test('has an input required or with a default, not both', () => {
    for (const { name, required, default: value } of metadata(action).inputs)
      expect([name, required, value !== undefined]).toEqual([name, required, !required]);
  });

  test('has no expression in a description, which the runner refuses with the whole action', () => {
    const { inputs, outputs } = metadata(action);
    for (const { description } of [...inputs, ...outputs]) expect(description).not.toContain('${{');
  });

  test('types every input and output, and nothing else, in action-types.yml', () => {
    const { inputs, outputs } = typings(action);
    expect(Object.keys(inputs).sort()).toEqual(names(metadata(action).inputs));
    expect(Object.keys(outputs).sort()).toEqual(names(metadata(action).outputs));
  });

  test('has in action-types.yml what its code reads', async () => {
    const written = actionText(action, 'action-types.yml');
    expect(await renderActionTypes(actionFile(action), metadata(action))).toBe(written);
  });

  test('has defaults that fit their types', () => {
    const { inputs } = typings(action);
    const wrong = metadata(action).inputs.filter(({ name, default: value }) => {
      const typing = inputs[name];
      return value !== undefined && value !== '' && typing !== undefined && !fits(value, typing);
    });
    expect(names(wrong)).toEqual([]);
  });

  test('reads every input of action.yml, and no other', async () => {
    const { asked } = await parseWith(action, defaultValues(action));
    expect([...asked].sort()).toEqual(names(metadata(action).inputs));
  });

  test('takes a missing input for the default in action.yml', async () => {
    const required = metadata(action).inputs.filter((input) => input.required);
    const given = Object.fromEntries(required.map(({ name }) => [name, 'api']));
    const bare = await parseWith(action, given);
    const filled = await parseWith(action, { ...defaultValues(action), ...given });
    expect([bare.inputs, String(bare.error)]).toEqual([filled.inputs, String(filled.error)]);
  });

  test('refuses what is no value of an input with an InputError that names the input', async () => {
    const { inputs } = typings(action);
    for (const [name, { type }] of Object.entries(inputs)) {
      if (type !== 'boolean' && type !== 'integer' && type !== 'enum') continue;
      const { error } = await parseWith(action, { ...defaultValues(action), [name]: 'no value' });
      expect(error).toBeInstanceOf(InputError);
      expect((error as InputError).message).toContain(`${name}: "no value"`);
    }
  });

  test('lists in action-types.yml the values that it takes', async () => {
    for (const [name, typing] of Object.entries(typings(action).inputs)) {
      if (typing.type !== 'enum') continue;
      const { error } = await parseWith(action, { [name]: 'no value' });
      expect((error as InputError).message).toContain(
        `valid values: ${typing['allowed-values']?.join(', ') ?? ''}`,
      );
    }
  });

  test('sets every output of action.yml, and no other', () => {
    const set = [...sources(action).matchAll(/outputs\.set(?:Text)?\(\s*'([^']+)'/g)].map(
      ([, name]) => name,
    );
    expect([...new Set(set)].sort()).toEqual(names(metadata(action).outputs));
  });

  test('has the tables of action.yml in its README', () => {
    const readme = actionText(action, 'README.md');
    expect(readme).toBe(withTables(readme, metadata(action)));
  });

  test('tells in its README how it is used, which permissions it needs and how it fails', () => {
    const readme = actionText(action, 'README.md');
    expect(readme).toMatch(new RegExp(`^# ${action}\n`));
    expect(readme).toContain(`uses: OWNER/slipway/actions/${action}@v1`);
    for (const word of [/^#.*permission/im, /\bpost\b/, /^#.*fail/im]) expect(readme).toMatch(word);
  });

  test('has a main of at most 80 lines, and an index that only starts it', () => {
    expect(actionText(action, 'src', 'index.ts').split('\n').length).toBeLessThanOrEqual(12);
    expect(sources(action)).not.toMatch(/process\.env|Date\.now\(|from '@actions\//);
  });
});

describe('the root action.yml', () => {
  const rootAction = readActionMetadata(path.join(root, 'action.yml'));

  test('is fit for the Marketplace', () => {
    expect(rootAction.description.length).toBeLessThan(125);
    expect(rootAction.name).not.toMatch(/^(github|actions)\b/i);
    expect(rootAction.branding.icon).toMatch(/^[a-z-]+$/);
    expect(rootAction.branding.color).toMatch(
      /^(white|black|yellow|blue|green|orange|red|purple|gray-dark)$/,
    );
    expect(readFileSync(path.join(root, 'README.md'), 'utf8')).toMatch(/^# /m);
  });

  test('says what each input and output is, in kebab-case', () => {
    for (const declared of [...rootAction.inputs, ...rootAction.outputs]) {
      expect(declared.name).toMatch(kebab);
      expect(declared.description).toMatch(/^\S.{3,}[.)]$/);
    }
  });
});
