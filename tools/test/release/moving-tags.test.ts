import { expect, test } from '@jest/globals';
import { movingTags } from '../../release/moving-tags.ts';

const refs = (...tags: string[]): string[] => tags.map((tag) => `refs/tags/${tag}`);

test.each<[string, string[], string[]]>([
  ['v1.0.0', [], ['v1', 'v1.0']],
  ['v1.4.0', ['v1', 'v1.3.9', 'v1.4.0'], ['v1', 'v1.4']],
  ['v1.3.10', ['v1.3.9', 'v1.4.0'], ['v1.3']],
  ['v1.3.9', ['v1.3.10', 'v1.4.0'], []],
  ['v1.10.0', ['v1.9.0'], ['v1', 'v1.10']],
  ['v1.5.0', ['v2.0.0', 'v10.0.0'], ['v1', 'v1.5']],
  ['v1.5.0', ['v1.6.0-rc.1', 'vault', 'v1.6'], ['v1', 'v1.5']],
])('after %s beside %j these tags move: %j', (version, tags, moved) => {
  expect(movingTags(version, refs(...tags))).toEqual(moved);
});

test.each(['', '1.2.3', 'v1.2', 'v1.2.3-rc.1', 'v1.2.3;id'])('%j moves nothing', (version) => {
  expect(() => movingTags(version, [])).toThrow(/is not of the form v1.2.3/);
});
