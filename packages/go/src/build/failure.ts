import path from 'node:path';
import { ActionError, confine, type AnnotationPlace, type Log } from '@slipway/runtime';

/** One place that a compiler complained about. */
export interface BuildDiagnostic {
  /** Absolute when the compiler's path was inside the working folder, else as printed. */
  file: string;
  line: number;
  message: string;
}

const place = /^(?:vet: )?(.+?\.(?:go|s|S|c|cc|cpp|cxx|h|m|mod|work)):(\d+)(?::\d+)?:\s*(.*)$/;
const maxAnnotations = 10;

/** `go` could not build or load packages: `output` is what it printed about it. */
export class BuildFailure extends ActionError {
  readonly output: string;
  readonly diagnostics: readonly BuildDiagnostic[];

  constructor(what: string, output: string, dir: string, next?: string) {
    const diagnostics = parseDiagnostics(output, dir);
    const shown = output.trim().split('\n').slice(0, 12).join('\n');
    super(`${what}:\n${shown === '' ? '(go printed nothing)' : shown}`, {
      title: 'Build failed',
      ...(next === undefined ? {} : { next }),
    });
    this.name = 'BuildFailure';
    this.output = output;
    this.diagnostics = diagnostics;
  }
}

/** The places in the output of `go build` or `go vet`, in order, each once; paths relative to `dir`. */
export function parseDiagnostics(output: string, dir: string): BuildDiagnostic[] {
  const found: BuildDiagnostic[] = [];
  let last: BuildDiagnostic | undefined;
  for (const line of output.split(/\r?\n/)) {
    const match = place.exec(line);
    if (match !== null) {
      const [, file = '', number = '0', message = ''] = match;
      last = { file: path.resolve(dir, file), line: Number(number), message };
      found.push(last);
    } else if (line.startsWith('\t') && last !== undefined) last.message += `\n${line.trim()}`;
    else last = undefined;
  }
  const key = ({ file, line, message }: BuildDiagnostic): string => `${file}:${line}:${message}`;
  return [...new Map(found.map((each) => [key(each), each])).values()];
}

/**
 * Shows diagnostics at their lines of the pull request, at most ten (GitHub shows no more of one
 * kind per step). A path outside the workspace, such as the module cache's, goes without a place.
 */
export function annotate(
  log: Log,
  diagnostics: readonly BuildDiagnostic[],
  workspace: string,
): void {
  for (const { file, line, message } of diagnostics.slice(0, maxAnnotations)) {
    const inside = confine(workspace, file);
    const where: AnnotationPlace =
      inside === undefined
        ? { title: 'Build failed' }
        : {
            title: 'Build failed',
            file: path.relative(workspace, inside).split(path.sep).join('/'),
            startLine: line,
          };
    log.error(message === '' ? file : message, where);
  }
}
