import * as fs from 'node:fs/promises';
import type { Log } from './ports.ts';

/** GitHub drops a summary above 1 MiB per step; some room is left for what other tools append. */
const maxSummaryBytes = 1_000_000;

/** `text` so that neither HTML nor Markdown in it has an effect. Line breaks become `<br>`. */
export function escapeSummary(text: string): string {
  return text
    .replace(/[\u0000-\u0008\u000b-\u001f\u007f]/g, '')
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/"/g, '&quot;')
    .replace(/[\\`*_{}[\]()#+!|~@$]/g, (mark) => `&#${mark.charCodeAt(0)};`)
    .replace(/:\/\//g, '&#58;//')
    .replace(/\r?\n/g, '<br>');
}

/** Appends Markdown that is already escaped to the job summary. Never throws. */
export interface Summary {
  append(markdown: string): Promise<void>;
}

/** The summary file of the step; without one (an old or a local runner) a debug line says so. */
export function runnerSummary(file: string | undefined, log: Log): Summary {
  return {
    append: async (markdown) => {
      if (file === undefined || file === '') {
        log.debug('No step summary: GITHUB_STEP_SUMMARY is not set.');
        return;
      }
      try {
        const used = await fs.stat(file).then(
          (stats) => stats.size,
          () => 0,
        );
        const room = maxSummaryBytes - used;
        const bytes = Buffer.from(`${markdown.trimEnd()}\n\n`);
        const notice = '\n\n(The rest was left out: a step summary holds 1 MiB.)\n';
        if (bytes.length <= room) await fs.appendFile(file, bytes);
        else if (room > notice.length)
          await fs.appendFile(file, bytes.subarray(0, room - notice.length).toString() + notice);
      } catch (error) {
        log.debug(`The step summary could not be written: ${String(error)}`);
      }
    },
  };
}
