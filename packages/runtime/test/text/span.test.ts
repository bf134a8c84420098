import { describe, expect, test } from '@jest/globals';
import { replaceSpan, type Span } from '../../src/text/index.ts';

const quoted: Span = {
  begin: /(\w+) '/,
  end: /' (ends|stops)/,
  rest: ([, a], [, z]) => `${a} ${z}`,
};

describe('replaceSpan', () => {
  test.each<[string, string, Partial<Span>, string]>([
    ['takes each part away', "a 'x' ends, b 'y' stops", {}, 'a ends, b stops'],
    ['goes to the first end', "a 'x' ends 'y' ends", {}, "a ends 'y' ends"],
    ['or to the last, where told', "a 'x' ends 'y' stops", { toLast: true }, 'a stops'],
    ['leaves a begin without an end', "b 'y' ends a 'x", {}, "b ends a 'x"],
    ['ends with a line', "a 'x\nb 'y' ends", {}, "a 'x\nb ends"],
    ['or goes over lines, where told', "a 'x\nb' ends", { acrossLines: true }, 'a ends'],
    ['looks for the end behind the begin', "' ends a 'x", {}, "' ends a 'x"],
    ['leaves a text without such parts', 'nothing', {}, 'nothing'],
  ])('%s', (_, text, more, rest) => {
    expect(replaceSpan(text, { ...quoted, ...more })).toBe(rest);
  });
});
