import { describe, expect, test } from '@jest/globals';
import { inputValues } from '@slipway/testing';
import { readInputs, type InputKind, type InputReader, type InputTyping } from '../../src/index.ts';
import { problem, read } from './read-input.ts';

test('all that is wrong is told at once', () => {
  const bad = { wait: 'soon', 'max-retries': '-1', mode: 'Fast', namespace: '', verbose: 'yes' };
  expect(
    problem(bad, (reader) => [
      reader.duration('wait'),
      reader.integer('max-retries', { max: 5 }),
      reader.oneOf('mode', ['fast', 'safe']),
      reader.string('namespace', { required: true }),
      reader.boolean('verbose'),
    ]),
  ).toBe(
    `Bad inputs:
  wait: "soon" is not a duration; write for example 90s, 5m or 1h30m.
  max-retries: "-1" is not a whole number from 0 to 5.
  mode: "Fast" is unknown; valid values: fast, safe.
  namespace: a value is required.
  verbose: "yes" is not a boolean; valid values: true, false.`,
  );
});

test('inputs that were not given have their defaults', () => {
  expect(
    read({}, (reader) => [
      reader.string('a', { default: 'x' }),
      reader.boolean('b', { default: true }),
      reader.duration('c', { default: 5 }),
      reader.integer('d', { default: 7 }),
      reader.size('e', { default: 9 }),
      reader.oneOf('f', ['one', 'two']),
      reader.list('g', { default: ['y'] }),
      reader.map('h'),
      reader.path('i'),
      reader.parsed('j', () => 'never', { default: 'z' }),
    ]),
  ).toEqual(['x', true, 5, 7, 9, 'one', ['y'], {}, '', 'z']);
});

test('the result is frozen, what is inside it too', () => {
  const inputs = readInputs(inputValues({ list: 'a\nb' }), '/work', (reader) => ({
    list: reader.list('list'),
    inner: { name: 'x' },
  }));
  expect([inputs, inputs.list, inputs.inner].every((value) => Object.isFrozen(value))).toBe(true);
});

describe('each kind of input', () => {
  test('lists have an entry per line and comments', () => {
    expect(read({ l: ' a \r\n\n# no\r b=c \n' }, (reader) => reader.list('l'))).toEqual([
      'a',
      'b=c',
    ]);
  });

  test('durations are within their limits', () => {
    const build = (reader: InputReader) => reader.duration('d', { minMs: 1000, maxMs: 60_000 });
    expect(read({ d: '30s' }, build)).toBe(30_000);
    expect(problem({ d: '1ms' }, build)).toContain('shorter than the least allowed, 1s');
    expect(problem({ d: '2m' }, build)).toContain('longer than the most allowed, 1m 00s');
  });

  test('sizes are within their limits', () => {
    const build = (reader: InputReader) => reader.size('s', { max: 1_000_000 });
    expect(read({ s: '512kB' }, build)).toBe(512_000);
    expect(problem({ s: '2MB' }, build)).toContain('is not from 0 to 1000000 bytes');
    expect(problem({ s: 'big' }, build)).toContain('write for example 512MiB or 2GB');
  });

  test.each(['1.5', '1e3', '0x10', '９', '1_000', '99999999999999999999'])(
    '%j is no whole number',
    (text) => {
      expect(problem({ n: text }, (reader) => reader.integer('n'))).toContain('whole number');
    },
  );

  test('a pattern must match all of the text, also when it has a stray line', () => {
    const build = (reader: InputReader) =>
      reader.string('release', { pattern: /[a-z]+/, expected: 'lower-case letters' });
    expect(read({ release: 'api' }, build)).toBe('api');
    for (const release of ['api;rm', 'api\nx', 'API'])
      expect(problem({ release }, build)).toContain('expected lower-case letters.');
  });

  test('what a parser throws becomes the problem of its input', () => {
    expect(
      problem({ j: '{' }, (reader) => reader.parsed('j', JSON.parse, { default: null })),
    ).toMatch(/^Bad input j: /);
  });

  test('a check gives what it returns, and what it throws becomes the problem of its input', () => {
    expect(read({}, (reader) => reader.check('j', () => 7))).toBe(7);
    expect(problem({}, (reader) => reader.check('j', () => JSON.parse('{') as unknown))).toMatch(
      /^Bad input j: /,
    );
  });

  test('an action can bring a kind of its own', () => {
    const hours: InputKind<number> = {
      typing: { type: 'integer' },
      read: ({ text, problem: say }) => {
        if (!/^\d+$/.test(text)) say('is no hour.');
        return Number(text) * 3_600_000;
      },
    };
    expect(read({ at: ' 2 ' }, (reader) => reader.as('at', hours))).toBe(7_200_000);
    expect(problem({ at: 'noon' }, (reader) => reader.as('at', hours))).toBe(
      'Bad input at: is no hour.',
    );
  });

  test.each(['0', '1', '-0.5', '1e3', '0x0', '.', 'half'])('%j is no share', (text) => {
    const build = (reader: InputReader) => reader.share('s', { default: 0.5 });
    expect(problem({ s: text }, build)).toContain('above 0 and below 1');
    expect([read({ s: '0.05' }, build), read({}, build)]).toEqual([0.05, 0.5]);
  });

  test('a list of few values lists them', () => {
    const build = (reader: InputReader) => reader.list('l', { values: ['up', 'none'] });
    expect(read({ l: 'up' }, build)).toEqual(['up']);
    expect(problem({ l: 'up\ndown' }, build)).toContain(
      '"down" is unknown; valid values: up, none',
    );
  });

  test('is described to who asks for it', () => {
    const described: [string, InputTyping][] = [];
    const source = {
      ...inputValues({}),
      describe: (name: string, typing: InputTyping) => described.push([name, typing]),
    };
    readInputs(source, '/work', (reader) => ({
      retries: reader.integer('retries'),
      mode: reader.oneOf('mode', ['fast', 'safe']),
      checks: reader.list('checks', { values: ['up'] }),
      files: reader.paths('files'),
    }));
    expect(described).toEqual([
      ['retries', { type: 'integer' }],
      ['mode', { type: 'enum', allowedValues: ['fast', 'safe'] }],
      ['checks', { type: 'list', item: { type: 'enum', allowedValues: ['up'] } }],
      ['files', { type: 'list', item: { type: 'string' } }],
    ]);
  });

  test('a document of several lines keeps the indentation of its first', () => {
    const document = '\r\n  a:\n    b: 1\n  c: 2\n\n';
    expect(read({ values: document }, (reader) => reader.document('values'))).toBe(
      '  a:\n    b: 1\n  c: 2',
    );
    expect(read({ values: '  {a: 1} ' }, (reader) => reader.document('values'))).toBe('{a: 1}');
  });

  test('a secret is masked and never quoted', () => {
    const masked: string[] = [];
    const source = {
      ...inputValues({ token: 'hunter2' }),
      maskSecret: (value: string) => masked.push(value),
    };
    expect(readInputs(source, '/work', (reader) => ({ token: reader.secret('token') })).token).toBe(
      'hunter2',
    );
    expect(masked).toEqual(['hunter2']);
    expect(problem({}, (reader) => reader.secret('token', { required: true }))).toContain('a fork');
  });
});

describe('rules over several inputs', () => {
  const build = (reader: InputReader) => {
    reader.atMostOne(['version', 'version-file']);
    reader.allOrNone(['user', 'password'], 'Is a secret missing?');
    reader.requires('image', 'packages');
  };

  test.each<Record<string, string>>([
    {},
    { version: '1', user: 'u', password: 'p', image: 'i', packages: 'p' },
  ])('hold when they hold: %j', (values) => {
    expect(read(values, build)).toBeUndefined();
  });

  test('name the inputs and the rule when they do not', () => {
    expect(problem({ version: '1', 'version-file': 'go.mod', user: 'u', image: 'i' }, build)).toBe(
      `Bad inputs:
  version and version-file: only one of these may be given.
  password: a value is required, since user has one. Is a secret missing?
  image: has an effect only together with packages, which is empty.`,
    );
  });
});

describe('hostile input', () => {
  test('a value that begins with - cannot become a flag', () => {
    expect(
      problem({ chart: '--post-renderer=evil' }, (reader) => reader.operand('chart')),
    ).toContain('a tool would read it as a flag');
    expect(problem({ p: 'a\n-o/x' }, (reader) => reader.list('p', { operands: true }))).toContain(
      '"-o/x"',
    );
  });

  test('keys of a map that mean something to JavaScript are only keys', () => {
    const map = read(
      { set: '__proto__=x\nconstructor=y\ntoString=z\nhasOwnProperty = w ' },
      (reader) => reader.map('set'),
    );
    expect(Object.entries(map)).toEqual([
      ['__proto__', 'x'],
      ['constructor', 'y'],
      ['toString', 'z'],
      ['hasOwnProperty', 'w'],
    ]);
    expect(({} as Record<string, unknown>)['x']).toBeUndefined();
  });

  test.each(['novalue', '=x', ' =x', 'a=1\na=2'])('the map %j is refused', (text) => {
    expect(problem({ set: text }, (reader) => reader.map('set'))).toMatch(/key/);
  });

  test('a message shows hostile text escaped and short', () => {
    const text = `\u202e\u0007::error::x\r\n\u2028\u0085${'y'.repeat(500)}`;
    const message = problem({ m: text }, (reader) => reader.oneOf('m', ['a']));
    expect(message).toMatch(/^[\x20-\x7e…]*$/);
    expect(message).toContain('\\u202e\\u0007::error::x\\r\\n\\u2028\\u0085');
    expect(message.length).toBeLessThan(200);
  });

  test('a megabyte is read, more is refused once', () => {
    const list = (reader: InputReader) => [...reader.list('l'), ...reader.list('l')].length;
    expect(read({ l: 'x\n'.repeat(524_288) }, list)).toBe(1_048_576);
    expect(problem({ l: 'x'.repeat(1_048_577) }, list)).toBe(
      'Bad input l: 1048577 characters are more than the 1048576 allowed.',
    );
  });

  test('a NUL is refused', () => {
    expect(problem({ a: 'x\0y' }, (reader) => reader.string('a'))).toContain('NUL');
  });
});
