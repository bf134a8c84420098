import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { defaultTagFormats, readTag } from '@slipway/release';
import { root } from '../../tools/manifest.ts';

const read = (file: string): string => readFileSync(path.join(root, file), 'utf8');

/**
 * A filter of `on: push: tags:` as GitHub reads it: `*` is anything without a slash, `**` anything, `?` and `+`
 * repeat what stands before them, brackets are a set
 * (https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#filter-pattern-cheat-sheet).
 */
function filter(pattern: string): RegExp {
  const pieces = pattern.match(/\*\*|\[[^\]]+\]|./g) ?? [];
  const source = pieces.map((piece) => {
    if (piece === '**') return '.*';
    if (piece === '*') return '[^/]*';
    if (piece === '?' || piece === '+' || piece.startsWith('[')) return piece;
    return piece.replace(/[.^$(){}|\\\]]/, '\\$&');
  });
  return new RegExp(`^${source.join('')}$`);
}

const services = [{ name: 'api', path: 'services/api' }];
const readme = 'actions/release-context/README.md';

/** Rows of the table of tags: the tags, the format and the filter. */
const rows = [
  ...read(readme).matchAll(/^\| (`[^|]*`) \| `([^`|]*\{version\})`([^|]*)\| `([^|]*)` \|$/gm),
].map(([, tags = '', format = '', more = '', pattern = '']) => ({
  tags: [...tags.matchAll(/`([^`]+)`/g)].map(([, tag = '']) => tag),
  format,
  mustBeSet: more.includes('must be set'),
  pattern,
}));

test('the filters of these tests are read as GitHub reads them', () => {
  expect(filter('*/v*.*.*').test('services/api/v1.2.3')).toBe(false);
  expect(filter('*/v*.*.*').test('api/v1.2.3')).toBe(true);
  expect(filter('[0-9]+.*').test('10.2')).toBe(true);
  expect(filter('v1.*').test('v1x2')).toBe(false);
});

describe('the documented tags', () => {
  test('are those of every default format, and two that must be set', () => {
    const formats = rows.filter(({ mustBeSet }) => !mustBeSet).map(({ format }) => format);
    expect(formats).toEqual([...defaultTagFormats]);
    expect(rows).toHaveLength(defaultTagFormats.length + 2);
  });

  test.each(rows)('$tags pass the filter $pattern and are read', (row) => {
    for (const tag of row.tags) {
      expect([tag, filter(row.pattern).test(tag)]).toEqual([tag, true]);
      const { version } = readTag(tag, services, row.mustBeSet ? [row.format] : undefined);
      expect(tag).toContain(version);
    }
  });

  test.each(rows)('$tags must have their format set: $mustBeSet', ({ tags, mustBeSet }) => {
    const isRead = (tag: string): boolean => {
      try {
        return readTag(tag, services).version !== '';
      } catch {
        return false;
      }
    };
    expect(tags.map(isRead)).toEqual(tags.map(() => !mustBeSet));
  });
});

describe('the workflows that are documented', () => {
  const files = ['README.md', readme, 'docs/service-repository/release.yml'].concat(
    readdirSync(path.join(root, 'docs'))
      .filter((name) => name.endsWith('.md'))
      .map((name) => `docs/${name}`),
  );
  const filters = files.flatMap((file) =>
    [...read(file).matchAll(/tags: \[([^\]]*\*[^\]]*)\]/g)].map(([, list = '']) => ({
      file,
      patterns: [...list.matchAll(/'([^']+)'/g)].map(([, pattern = '']) => pattern),
    })),
  );

  test.each(filters)('in $file let the documented tags through', ({ patterns }) => {
    const passes = (tag: string): boolean => patterns.some((pattern) => filter(pattern).test(tag));
    const ofAll = rows.filter(({ format }) => format === 'v{version}');
    const ofOne = rows.filter(({ format }) => format === '{service}/v{version}');
    const wanted = patterns.length === 1 ? ofAll : [...ofAll, ...ofOne];
    const missed = wanted.flatMap(({ tags }) => tags).filter((tag) => !passes(tag));
    expect(missed).toEqual([]);
    expect(['v1', 'latest', 'v1.2'].filter(passes)).toEqual([]);
  });

  test('are there', () => {
    expect(filters.length).toBeGreaterThan(3);
  });
});
