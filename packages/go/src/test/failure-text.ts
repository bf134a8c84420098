import { logLine } from './failure-place.ts';
import type { TestFailure } from './test-report.ts';

const noise =
  /^\s*(?:=== (?:RUN|PAUSE|CONT|NAME)\s|--- (?:FAIL|SKIP|PASS): |FAIL$|PASS$|exit status \d+$)/;
const sudden = /^(?:panic: |fatal error: |WARNING: DATA RACE$)/;

/** Without the blanks that all lines begin with. */
function outdented(lines: readonly string[]): readonly string[] {
  const blanks = lines.map((line) => line.search(/\S/));
  const common = Math.max(0, Math.min(...blanks));
  return lines.map((line) => line.slice(common));
}

/** From the panic or the race on, where there is one, without the frames that surround each test. */
function tellingLines({ kind, lines }: TestFailure): readonly string[] {
  const told = lines.filter((line) => !noise.test(line) && line.trim() !== '');
  if (kind === 'test' || kind === 'build') return told;
  return told.slice(
    Math.max(
      0,
      told.findIndex((line) => sudden.test(line)),
    ),
  );
}

/** At most `most` lines that say why. */
export function essentialLines(failure: TestFailure, most: number): readonly string[] {
  const { kind } = failure;
  const told = tellingLines(failure);
  if (told.length <= most) return outdented(told);
  // A test's last lines are nearest to its failure, a compiler's and a panic's first.
  const end = kind === 'test' || kind === 'package';
  return end ? ['…', ...outdented(told.slice(-most))] : [...outdented(told.slice(0, most)), '…'];
}

/** The one line that says most; empty when nothing was printed. */
export function headline(failure: TestFailure): string {
  const told = tellingLines(failure);
  if (failure.kind === 'build') return told.find((line) => !line.startsWith('# '))?.trim() ?? '';
  if (failure.kind === 'package')
    return told.findLast((line) => !line.startsWith('FAIL\t'))?.trim() ?? '';
  if (failure.kind !== 'test') return told[0]?.trim() ?? '';
  const at = told.findLastIndex((line) => logLine.test(line));
  const line = told[at]?.trim() ?? told[0]?.trim() ?? '';
  // testify begins with an empty line, and says what is wrong behind "Error:".
  if (!/\.go:\d+:$/.test(line)) return line;
  const error = told.slice(at).find((each) => /^\s*Error:/.test(each)) ?? told[at + 1] ?? '';
  return `${line} ${error.trim().replace(/\s+/g, ' ')}`;
}
