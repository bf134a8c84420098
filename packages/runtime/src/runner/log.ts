import * as core from '@actions/core';
import type { AnnotationPlace, Log } from '../port/index.ts';
import { inert, inertLine, type Masker } from '../text/index.ts';
import { runnerMasker } from './masker.ts';

type Annotate = typeof core.error;

/** GitHub keeps ten annotations of a level per step; the rest of a long text is in the log. */
const maxAnnotationLength = 4_000;

function clip(text: string): string {
  return text.length <= maxAnnotationLength
    ? text
    : `${text.slice(0, maxAnnotationLength).toWellFormed()}…`;
}

/** The step's log with what runAction needs besides: whether a root cause was annotated already. */
export interface RunnerLog extends Log {
  annotated(message: string): boolean;
}

/**
 * The log of the step on the runner's standard output. Secrets known to `masker` are replaced before
 * the runner sees a line, since not every runner masks. The same annotation is made once. Groups
 * cannot nest on GitHub, so a group inside a group becomes a line with its title.
 */
export function createRunnerLog(masker: Masker, options: { debug: boolean }): RunnerLog {
  const seen = new Set<string>();
  let open = 0;
  const safe = (text: string): string => inert(masker.redact(text));
  const properties = (place: AnnotationPlace): core.AnnotationProperties => ({
    ...(place.title === undefined ? {} : { title: inertLine(masker.redact(place.title)) }),
    ...(place.file === undefined ? {} : { file: inertLine(masker.redact(place.file)) }),
    ...(place.startLine === undefined ? {} : { startLine: place.startLine }),
  });
  const annotation =
    (annotate: Annotate) =>
    (message: string, place: AnnotationPlace = {}): void => {
      const text = safe(message);
      if (seen.has(message)) core.info(text);
      else annotate(clip(text), properties(place));
      seen.add(message);
    };
  return {
    // The runner drops these lines when debugging is off; there can be many, so they are not made.
    debug: (message) => options.debug && core.debug(safe(message)),
    info: (message) => core.info(safe(message)),
    notice: annotation(core.notice),
    warning: annotation(core.warning),
    error: annotation(core.error),
    annotated: (message) => seen.has(message),
    group: async (title, body) => {
      const shown = inertLine(masker.redact(title));
      if (open > 0) core.info(shown);
      else core.startGroup(shown);
      open += 1;
      try {
        return await body();
      } finally {
        open -= 1;
        if (open === 0) core.endGroup();
      }
    },
  };
}

/** The log of this step. */
export const runnerLog: RunnerLog = createRunnerLog(runnerMasker, { debug: core.isDebug() });
