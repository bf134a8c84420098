import * as core from '@actions/core';
import type { AnnotationPlace, Log } from './ports.ts';

/**
 * Keeps a line that came from elsewhere from being read as a workflow command: the runner looks for
 * `::` at the start of a line (after blanks) and for `##[` anywhere in it
 * (actions/runner: src/Runner.Common/ActionCommand.cs). A zero-width space breaks both.
 */
export function inert(text: string): string {
  return text
    .replace(/\r\n?/g, '\n')
    .replace(/^(\s*):(?=:)/gm, '$1:\u200b')
    .replace(/##(?=\[)/g, '##\u200b');
}

function properties(place: AnnotationPlace | undefined): core.AnnotationProperties {
  return {
    ...(place?.title === undefined ? {} : { title: place.title }),
    ...(place?.file === undefined ? {} : { file: place.file }),
    ...(place?.startLine === undefined ? {} : { startLine: place.startLine }),
  };
}

/** The log of the step, on the runner's standard output. */
export const runnerLog: Log = {
  debug: (message) => core.debug(message),
  info: (message) => core.info(inert(message)),
  notice: (message, place) => core.notice(message, properties(place)),
  warning: (message, place) => core.warning(message, properties(place)),
  error: (message, place) => core.error(message, properties(place)),
  group: async (title, body) => {
    core.startGroup(inert(title).replace(/\n/g, ' '));
    try {
      return await body();
    } finally {
      core.endGroup();
    }
  },
};
