import { expect, test } from '@jest/globals';
import type { Finding } from '@slipway/health';
import { adviceOutput, findingsOutput } from '../src/findings-output.ts';

const finding = (check: string, state: Finding['state'], detail = 'seen'): Finding => ({
  check,
  state,
  detail,
});

test('findings are a list in one line, the most serious first, without the lines of a log', () => {
  const findings = [
    finding('rollout', 'good'),
    { ...finding('pods', 'open'), wouldChange: 'more time' },
    { ...finding('error share', 'bad'), logTail: 'password=1' },
    finding('up', 'blind'),
  ];
  expect(findingsOutput(findings)).toBe(
    '[{"check":"error share","state":"bad","detail":"seen"},' +
      '{"check":"up","state":"blind","detail":"seen"},' +
      '{"check":"pods","state":"open","detail":"seen","would-change":"more time"},' +
      '{"check":"rollout","state":"good","detail":"seen"}]',
  );
});

test('hostile texts stay data in one line', () => {
  const text = '::error::x\r\n"}]\u2028\u001b[31m${{ secrets.A }} \ud800';
  const output = findingsOutput([finding('pods', 'bad', text)]);
  expect(output).not.toMatch(/[\r\n\u2028\u001b]/);
  expect(JSON.parse(output)).toEqual([
    { check: 'pods', state: 'bad', detail: '::error::x "}] ${{ secrets.A }} \ufffd' },
  ]);
});

test('ever so many findings stay under 32 kB, and the serious ones stay', () => {
  const many = Array.from({ length: 500 }, (_, at) =>
    finding(`c${at}`, at === 499 ? 'bad' : 'good', 'ä'.repeat(5_000)),
  );
  const output = findingsOutput(many);
  expect(Buffer.byteLength(output)).toBeLessThan(33_000);
  expect((JSON.parse(output) as Finding[])[0]?.check).toBe('c499');
});

test('what lint found is a list of the same form, errors first', () => {
  const next = 'Correct it.';
  const advice = [
    { about: 'deadline', level: 'warning', detail: 'too early', next },
    { about: 'mine', level: 'error', detail: 'parse\nerror', next },
  ] as const;
  expect(JSON.parse(adviceOutput(advice))).toEqual([
    { check: 'mine', state: 'error', detail: 'parse error', next },
    { check: 'deadline', state: 'warning', detail: 'too early', next },
  ]);
  expect(adviceOutput([])).toBe('[]');
});
