import { describe, expect, test } from '@jest/globals';
import { parseWorkflowCommand } from '@slipway/testing';
import { inert, inertLine } from '../../src/index.ts';

/** Lines as the runner cuts them. */
const lines = (text: string): string[] => text.split(/\r\n?|\n/);

const hostile = [
  '::error::x',
  '::add-mask::a',
  '::stop-commands::token',
  '::set-output name=a::b',
  '::ERROR file=a,line=1::x',
  '  \t::error::x',
  '\u0085::error::x',
  '\u00a0\u2003\u3000::error::x',
  '\u2028::error::x',
  '\ufeff::error::x',
  '\u200b::error::x',
  '\u001b[0m\n::error::x',
  'log\r::error::x',
  'log\r\n::error::x',
  'log\u2028::error::x',
  ':::::error::x',
  '::::error::x',
  'pod said ##[error]x',
  '##[add-mask]a',
  '\u0000##[group]x',
  '####[group]x',
  'a ##[x] ##[error]y',
  '##\r[error]x',
  '##[start-action display=x;id=y]',
];

describe('inert text', () => {
  test.each(hostile)('%j is no command to the runner', (text) => {
    const shown = lines(inert(text));
    expect(shown.map(parseWorkflowCommand)).toEqual(shown.map(() => undefined));
    expect(shown.join('\n')).not.toContain('##[');
  });

  test('the same lines are commands when nothing is done about them', () => {
    const commands = hostile.flatMap(lines).filter((line) => parseWorkflowCommand(line));
    expect(commands.length).toBeGreaterThan(12);
  });

  test.each(['std::vector<int>', 'time 10::20', '# heading', 'a ## [b]', 'key: value', ''])(
    '%j is left as it is',
    (text) => {
      expect(inert(text)).toBe(text);
    },
  );

  test.each(['\n', ' ', '\u0085', ':', '#', '\r'])(
    'a megabyte of %j is no trouble',
    (character) => {
      expect(inert(character.repeat(1_000_000)).length).toBeGreaterThanOrEqual(1_000_000);
    },
  );

  test('in one line has no line break of any kind', () => {
    expect(inertLine('a\r\n::error::b\u2028c\u0085d')).toBe('a ::error::b c d');
  });
});
