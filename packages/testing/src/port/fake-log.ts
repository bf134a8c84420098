import type { Log } from '@slipway/runtime';

/** One line that a test's subject logged. */
export interface LoggedLine {
  level: 'debug' | 'info' | 'notice' | 'warning' | 'error' | 'group';
  message: string;
}

/** A log that keeps its lines. */
export function fakeLog(): Log & { lines: LoggedLine[]; text(): string } {
  const lines: LoggedLine[] = [];
  const keep = (level: LoggedLine['level']) => (message: string) => {
    lines.push({ level, message });
  };
  return {
    lines,
    text: () => lines.map(({ level, message }) => `${level}: ${message}`).join('\n'),
    debug: keep('debug'),
    info: keep('info'),
    notice: keep('notice'),
    warning: keep('warning'),
    error: keep('error'),
    group: (title, body) => {
      lines.push({ level: 'group', message: title });
      return body();
    },
  };
}
