import { expect, test } from '@jest/globals';
import { lastingNamespaces } from '../../suites/leftovers.ts';

test('a namespace that is being removed is not left', () => {
  const printed = JSON.stringify({
    items: [
      { metadata: { name: 'default' }, status: { phase: 'Active' } },
      { metadata: { name: 'verify-oom' }, status: { phase: 'Terminating' } },
      { metadata: { name: 'just-made' } },
    ],
  });
  expect([...lastingNamespaces(printed)]).toEqual(['default', 'just-made']);
});
