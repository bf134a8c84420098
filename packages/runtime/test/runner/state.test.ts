import path from 'node:path';
import { expect, test } from '@jest/globals';
import { runBundle } from '@slipway/testing';

const entry = path.join(import.meta.dirname, 'programs', 'state.ts');

test('state refuses secrets by name, by value and by looks, and what post could not be given', async () => {
  const main = await runBundle({ action: 'state', entry });
  expect(main.stdout.split('\n').filter((line) => /^(saved|refused)/.test(line))).toEqual([
    'refused token: State must hold no secret',
    'refused nested: State must hold no secret',
    'refused masked: State must hold no secret',
    'refused masked64: State must hold no secret',
    'refused key: State must hold no secret',
    'refused jwt: State must hold no secret',
    'refused github: State must hold no secret',
    'refused huge: State is limited to 64 KiB',
    'saved kubeconfigPath',
    'saved answer',
    'saved named',
  ]);
  expect(Object.keys(main.state)).toEqual([
    'slipway_state_main',
    'slipway_state_kubeconfigPath',
    'slipway_state_answer',
    'slipway_state_named',
  ]);
});

test('state of another type or version, or none, is undefined in post', async () => {
  const main = await runBundle({ action: 'state', entry });
  const post = await runBundle({
    action: 'state',
    entry,
    phase: 'post',
    after: main,
    state: { slipway_state_old: '{"version":0,"value":1}', slipway_state_broken: '{' },
  });
  expect(post.stdout).toBe(
    'answer 42\npath as number undefined\nnever saved undefined\nold undefined\nbroken undefined\n',
  );
});
