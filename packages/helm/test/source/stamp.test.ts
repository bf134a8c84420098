import { describe, expect, test } from '@jest/globals';
import { commitLabel } from '../../src/index.ts';
import { canStamp, stampLabels, stampOf } from '../../src/source/stamp.ts';

const sha1 = '0123456789abcdef0123456789abcdef01234567';
const sha256 = 'f'.repeat(63) + '0';

describe('the stamp of a revision', () => {
  test.each([sha1, sha256])('can be read back from what a label may hold: %s', (commit) => {
    const labels = stampLabels(commit);
    // Kubernetes: Labels and Selectors, syntax and character set.
    expect(labels[commitLabel]).toMatch(/^[A-Za-z0-9][-A-Za-z0-9_.]{0,61}[A-Za-z0-9]$/);
    expect(stampOf({ ...labels, owner: 'helm' })).toEqual({ kind: 'commit', commit });
  });

  test('of a SHA-1 commit is its id, which people can select releases by', () => {
    expect(stampLabels(sha1)).toEqual({ [commitLabel]: sha1 });
  });

  test.each<[string, Record<string, string>]>([
    ['a revision without labels', {}],
    ['an empty label', { [commitLabel]: '' }],
  ])('is none of %s', (_, labels) => {
    expect(stampOf(labels)).toEqual({ kind: 'none' });
  });

  test.each([
    'main',
    sha1.slice(0, 12),
    sha1.toUpperCase(),
    `${sha1}0`,
    '--upload-pack.x',
    'sha256-',
    'sha256-AAAA',
    `sha256-${sha1}`,
    `sha256-${'A'.repeat(42)}B`,
  ])('that somebody else wrote is no commit: %s', (text) => {
    expect(stampOf({ [commitLabel]: text })).toEqual({ kind: 'unreadable', text });
  });

  test.each([
    ['3.12.3', false],
    ['3.13.0', true],
    ['3.22.0', true],
    ['4.0.0-rc.1', true],
    ['4.3.1', true],
  ])('is within the reach of Helm %s: %s', (version, can) => {
    expect(canStamp(version)).toBe(can);
  });
});
