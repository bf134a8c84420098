import { describe, expect, test } from '@jest/globals';
import { readPlacedYaml, type YamlPath } from '@slipway/yaml';

function place(text: string, path: YamlPath, part?: 'key' | 'value'): string {
  const { placeOf } = readPlacedYaml(text, { name: 'a.yml', rules: 'strict' });
  const { line, column } = placeOf(path, part);
  return `${line}:${column}`;
}

const fleet = `# a comment

services:
  # another: one
  services/api:   # and one more
    helm: { wait: true, timeout: 5m }
    targets:
      - linux/amd64

      - linux/arm64
    "name": 'x'
  services/empty:
environments:
  - name: a
    when: [push, tag]
  -
  - [1, [2, 3]]
`;

describe('a place in a YAML text', () => {
  test.each<[YamlPath, string, string]>([
    [['services'], '3:1', '5:3'],
    [['services', 'services/api'], '5:3', '6:5'],
    [['services', 'services/api', 'helm'], '6:5', '6:11'],
    [['services', 'services/api', 'helm', 'wait'], '6:13', '6:19'],
    [['services', 'services/api', 'helm', 'timeout'], '6:25', '6:34'],
    [['services', 'services/api', 'targets', 0], '8:9', '8:9'],
    [['services', 'services/api', 'targets', 1], '10:9', '10:9'],
    [['services', 'services/api', 'name'], '11:5', '11:13'],
    [['environments', 0, 'name'], '14:5', '14:11'],
    [['environments', 0, 'when', 1], '15:18', '15:18'],
    [['environments', 2, 1, 0], '17:10', '17:10'],
  ])('of %j is that of the key and that of the value', (path, key, value) => {
    expect(place(fleet, path, 'key')).toBe(key);
    expect(place(fleet, path)).toBe(value);
  });

  test('of what is empty or missing is that of what is around it', () => {
    expect(place(fleet, ['services', 'services/empty'])).toBe('12:3');
    expect(place(fleet, ['services', 'services/empty', 'helm'])).toBe('12:3');
    expect(place(fleet, ['services', 'services/api', 'helm', 'nothing'])).toBe('6:11');
    expect(place(fleet, ['environments', 1])).toBe('14:3');
    expect(place('', ['a'])).toBe('1:1');
  });

  test('behind an alias is where the anchor stands', () => {
    const text = 'base: &base\n  a: 1\nother: *base\n*base : 2\n';
    expect(place(text.replace('*base : 2\n', ''), ['other', 'a'])).toBe('2:6');
  });

  test('of a key with an anchor or a tag, which the parser reads twice, is found', () => {
    expect(place('&a key: 1\n!!str other: 2\n', ['other'])).toBe('2:14');
    expect(place('top:\n  &a key: {b: 1}\n  second: 2\n', ['top', 'key', 'b'])).toBe('2:15');
    expect(place('top:\n  &a key: {b: 1}\n  second: 2\n', ['top', 'second'])).toBe('3:11');
  });

  test('counts lines that end in CR, LF or both', () => {
    expect(place('a: 1\r\nb: 2\rc: 3\n', ['c'])).toBe('3:4');
  });
});
