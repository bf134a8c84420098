import { describe, expect, test } from '@jest/globals';
import { inputValues } from '@slipway/testing';
import { InputError, readInputs, type InputReader } from '../../src/index.ts';

/** As an action has them: a duration, lists, a document, a secret, and a rule over two of them. */
const build = (read: InputReader) => {
  read.allOrNone(['user', 'password']);
  return {
    timeout: read.duration('timeout', { default: 300_000 }),
    files: read.list('files'),
    checks: read.list('checks', { default: ['up'] }),
    values: read.documents('values'),
    user: read.string('user'),
    password: read.secret('password'),
    kubeconfig: read.secretDocument('kubeconfig'),
    isSaid: read.isSetting('timeout'),
  };
};

/** What is read of a step with these settings and these inputs of its own, and what was masked and told. */
function read(settings: unknown, own: Readonly<Record<string, string>> = {}) {
  const masked: string[] = [];
  const told: string[] = [];
  const text = typeof settings === 'string' ? settings : JSON.stringify(settings);
  const source = Object.assign(inputValues(Object.assign({ settings: text }, own)), {
    maskSecret: (value: string) => masked.push(value),
    tell: (line: string) => told.push(line),
  });
  try {
    const inputs = readInputs(source, '/work', build, { joined: ['files', 'values'] });
    return { inputs, masked, told, error: '' };
  } catch (error) {
    expect(error).toBeInstanceOf(InputError);
    return { inputs: undefined, masked, told, error: (error as Error).message };
  }
}

test('what settings say goes before what the step says, and what they do not say stays the step’s', () => {
  const { inputs, told } = read({ timeout: '10m' }, { timeout: '1m', user: 'u', password: 'p' });
  expect(inputs).toMatchObject({ timeout: 600_000, user: 'u', isSaid: true });
  expect(told).toEqual(['Inputs from settings, which go before those of the step: timeout']);
});

test.each(['', '  ', '{}'])('the settings %j say nothing', (settings) => {
  const { inputs, told } = read(settings, { timeout: '1m', files: 'a' });
  expect(inputs).toMatchObject({ timeout: 60_000, files: ['a'], isSaid: false });
  expect(told).toEqual([]);
});

test('an empty text in settings is what an input is that nobody gave', () => {
  expect(read({ timeout: '', checks: '' }, { timeout: '1m', checks: 'a' }).inputs).toMatchObject({
    timeout: 300_000,
    checks: ['up'],
  });
});

test('a list that is joined has the lines of settings first; others are one or the other', () => {
  const { inputs } = read(
    { files: 'a\nb\n', checks: 'x' },
    { files: '\nc\na', checks: 'y', values: 'k: 1' },
  );
  expect(inputs).toMatchObject({ files: ['a', 'b', 'c', 'a'], checks: ['x'] });
});

test('documents stay apart, each with its name', () => {
  const { inputs } = read({ values: '  a:\n    b: 1\n' }, { values: 'a: { b: 2 }' });
  expect(inputs?.values).toEqual([
    { label: 'values in settings', text: '  a:\n    b: 1' },
    { label: 'values', text: 'a: { b: 2 }' },
  ]);
  expect(read({}, { values: ' ' }).inputs?.values).toEqual([]);
});

describe('an error', () => {
  test('about a value from settings says so, and one about the step’s own does not', () => {
    expect(read({ timeout: 'soon' }, { user: 'u' }).error).toBe(`Bad inputs:
  password: a value is required, since user has one.
  timeout in settings: "soon" is not a duration; write for example 90s, 5m or 1h30m.`);
    expect(read({ files: 'a' }, { timeout: 'soon' }).error).toContain('input timeout: "soon"');
  });

  test('of a rule over several inputs says which of them settings gave', () => {
    expect(
      readError({ version: '1' }, { 'version-file': 'go.mod' }, (reader) =>
        reader.atMostOne(['version', 'version-file']),
      ),
    ).toBe('Bad input version in settings and version-file: only one of these may be given.');
    expect(
      readError({ version: '1' }, {}, (reader) =>
        reader.problem('version: is the wrong one; see file: x.'),
      ),
    ).toBe('Bad input version in settings: is the wrong one; see file: x.');
  });

  test('about a line of a joined list says that there are two places for it', () => {
    const list = (reader: InputReader): unknown => reader.list('version', { values: ['a', 'b'] });
    expect(readError({ version: 'a' }, { version: 'c' }, list, ['version'])).toContain(
      'version in settings or beside them: "c" is unknown',
    );
    expect(readError({ version: 'c' }, {}, list, ['version'])).toContain(
      'version in settings: "c" is unknown',
    );
  });
});

/** The message about inputs `version` and `version-file` that `rule` finds wrong. */
function readError(
  settings: Readonly<Record<string, string>>,
  own: Readonly<Record<string, string>>,
  rule: (reader: InputReader) => unknown,
  joined: readonly string[] = [],
): string {
  const source = inputValues(Object.assign({ settings: JSON.stringify(settings) }, own));
  try {
    readInputs(
      source,
      '/work',
      (reader) => {
        rule(reader);
        return [reader.string('version'), reader.string('version-file')];
      },
      { joined },
    );
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('The inputs were taken.');
}

describe('settings are refused', () => {
  const secret = 'hunter2-hunter2';

  test.each([
    ['not JSON', `{"password": "${secret}`, 'settings: is not JSON'],
    ['a text', JSON.stringify(secret), 'settings: is a string; give an object'],
    ['a list', JSON.stringify([secret]), 'settings: is a list; give an object'],
    ['nothing', 'null', 'settings: is null; give an object'],
    [
      'with a number',
      `{"timeout": 5, "user": "${secret}"}`,
      'the value of "timeout" is a number, not a text; put it into quotes',
    ],
    ['with an object', `{"values": {"a": "${secret}"}}`, 'the value of "values" is an object'],
    ['with a list', `{"files": ["${secret}"]}`, 'the value of "files" is a list'],
    ['with a NUL', `{"user": "\\u0000${secret}"}`, 'the value of "user" contains a NUL'],
    ['in settings', `{"settings": "${secret}"}`, 'settings: cannot hold settings itself'],
  ])('that are %s, without a value in the message', (_what, settings, message) => {
    const { error } = read(settings);
    expect(error).toContain(message);
    expect(error).not.toContain(secret);
  });

  test.each(['password', 'kubeconfig'])('with the secret %s, which is masked', (name) => {
    const { error, masked } = read({ [name]: secret }, { user: 'u', password: 'p' });
    expect(error).toContain(`${name} in settings: a secret has no place there`);
    expect(error).not.toContain(secret);
    expect(masked).toContain(secret);
  });

  test('with the name of no input, and the nearest is told', () => {
    expect(read({ timeuot: '5m' }).error).toBe(
      'Bad input settings: "timeuot" is no input of this action; did you mean timeout?',
    );
    expect(read('{"__proto__": "x", "constructor": "y"}').error).toBe(`Bad inputs:
  settings: "__proto__" is no input of this action.
  settings: "constructor" is no input of this action.`);
  });

  test('and of many wrong names ten are told', () => {
    const names = Array.from({ length: 5_000 }, (_, index) => [`n${index}`, 'x']);
    const { error } = read(Object.fromEntries(names));
    expect(error.split('\n')).toHaveLength(12);
    expect(error).toContain('settings: 4990 more are wrong in the same way.');
  });

  test('when they are longer than an input may be', () => {
    expect(read({ user: 'u'.repeat(1_048_577) }).error).toMatch(
      /settings: 10485\d\d characters are more/,
    );
  });

  test('with a name that would forge a line of the log', () => {
    expect(read({ 'x\n::error::y\u202e': '' }).error).toContain('"x\\n::error::y\\u202e"');
  });
});

test('an action without settings has no such input', () => {
  const inputs = readInputs(inputValues({ settings: '{"timeout": "1m"}' }), '/work', (reader) => ({
    timeout: reader.duration('timeout'),
    settings: reader.string('settings'),
  }));
  expect(inputs).toEqual({ timeout: 0, settings: '{"timeout": "1m"}' });
});
