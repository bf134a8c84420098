import { describe, expect, test } from '@jest/globals';
import { errorMessage, errorReport, InputError } from '../../src/index.ts';

describe('errorMessage', () => {
  test('tells the causes once each, in one line', () => {
    const cause = new Error('connect ECONNREFUSED');
    expect(
      errorMessage(new Error('fetch\nfailed', { cause: new Error('fetch\nfailed', { cause }) })),
    ).toBe('fetch failed: connect ECONNREFUSED');
  });

  test('finds the reasons that Node hides in an AggregateError without a message', () => {
    const refused = Object.assign(new AggregateError([new Error('connect ECONNREFUSED ::1:443')]), {
      code: 'ECONNREFUSED',
    });
    expect(errorMessage(new TypeError('fetch failed', { cause: refused }))).toBe(
      'fetch failed: ECONNREFUSED: connect ECONNREFUSED ::1:443',
    );
  });

  test.each([
    ['a string', 'a string'],
    [undefined, 'unknown error'],
    [null, 'unknown error'],
    [new Error(''), 'unknown error'],
    [{ code: 7 }, '{ code: 7 }'],
    [new InputError('bad', { cause: 'worse' }), 'bad: worse'],
  ])('of %p is %j', (thrown, message) => {
    expect(errorMessage(thrown)).toBe(message);
  });

  test('ends on an error that causes itself', () => {
    const error = new Error('round');
    error.cause = error;
    expect(errorMessage(error)).toBe('round');
  });
});

test('errorReport keeps the lines of the message and adds the causes', () => {
  expect(errorReport(new Error('helm failed:\nline 1', { cause: new Error('EOF\nhere') }))).toBe(
    'helm failed:\nline 1\nCause: EOF here',
  );
});
