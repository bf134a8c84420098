import { describe, expect, test } from '@jest/globals';
import { parseSetLines, typedValue } from '../../src/values/set-values.ts';

describe('set lines', () => {
  test('become nested values, in order, with all after the first "=" taken literally', () => {
    expect(
      parseSetLines([
        'image.tag=v1.2.0',
        'args[0]=--level=debug,{x}',
        'args[1]=-f /etc/passwd',
        'annotations.example\\.com/a.b=c',
        'hosts[0].name=a',
        'hosts[0].port=80',
        'replicas=1',
        'replicas=2',
      ]),
    ).toEqual({
      image: { tag: 'v1.2.0' },
      args: ['--level=debug,{x}', '-f /etc/passwd'],
      annotations: { 'example.com/a': { b: 'c' } },
      hosts: [{ name: 'a', port: 80 }],
      replicas: 2,
    });
  });

  test.each<[string, unknown]>([
    ['true', true],
    ['false', false],
    ['null', null],
    ['0', 0],
    ['-5', -5],
    ['999999', 999_999],
    // A commit of digits only: as a number Helm would print 1.234567e+06.
    ['1234567', '1234567'],
    ['1.10', '1.10'],
    ['0123', '0123'],
    ['1e3', '1e3'],
    ['yes', 'yes'],
    ['', ''],
  ])('type %j as %j', (text, value) => {
    expect(typedValue(text)).toBe(value);
  });

  test.each(['novalue', '=x', 'a..b=1', 'a[x]=1', '[0]=1', '.a=1', '__proto__.x=1'])(
    'refuse %j',
    (line) => {
      expect(() => parseSetLines([line])).toThrow();
      expect(({} as Record<string, unknown>)['x']).toBeUndefined();
    },
  );

  test.each(['hunter2-of-the-database', 'db..hunter2=1', 'db[hunter2]=1'])(
    'tell of %j only which setting it is',
    (line) => {
      expect(() => parseSetLines(['a=1', line])).toThrow(/^setting 2 cannot be used: [^2]*$/);
    },
  );
});
