import { formatDuration, formatSize } from '@slipway/runtime';

/** How a child process came to its end. */
export interface Ending {
  exitCode: number | undefined;
  signal: NodeJS.Signals | undefined;
  /** Why we stopped it, when we did. */
  stopped: 'timeout' | 'abort' | 'overflow' | undefined;
  timeoutMs: number | undefined;
  maxStdoutBytes: number;
}

const tailLines = 12;
const maxLine = 500;

function clip(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1).toWellFormed()}…`;
}

/** What became of the child, as the rest of a sentence about it. */
export function describeEnding(ending: Ending): string {
  if (ending.stopped === 'timeout')
    return `was stopped after its limit of ${formatDuration(ending.timeoutMs ?? 0)}`;
  if (ending.stopped === 'overflow')
    return `was stopped because it printed more than ${formatSize(ending.maxStdoutBytes)}`;
  if (ending.exitCode === undefined) return `was ended by ${ending.signal ?? 'a signal'}`;
  return `failed with exit code ${ending.exitCode}`;
}

/** The message of a child that did not end well: the command, what became of it, its last words. */
export function failureMessage(command: string, ending: Ending, stderr: string): string {
  const tail = stderr
    .trim()
    .split(/\r\n?|\n/)
    .slice(-tailLines)
    .map((line) => clip(line, maxLine))
    .join('\n');
  return `${clip(command, 300)} ${describeEnding(ending)}${tail === '' ? '.' : `:\n${tail}`}`;
}
