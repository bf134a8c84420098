import * as fs from 'node:fs/promises';
import type { Log } from '../port/index.ts';
import { escapeHtml, escapeSummary, type Masker } from '../text/index.ts';
import { runnerMasker } from './masker.ts';

/**
 * The runner drops a whole summary above 1 MiB and marks the step (actions/runner:
 * FileCommandManager.cs, AttachmentSizeLimit); some room is left for what other tools append.
 */
const maxSummaryBytes = 1_000_000;
const cutNotice = '\n\n(The rest was left out: a step summary holds 1 MiB.)\n';

/** Appends Markdown that is already escaped to the job summary. Never throws. */
export interface Summary {
  append: (markdown: string) => Promise<void>;
}

/** The start of `markdown` within `room` bytes, cut at a line's end, with open elements closed. */
function cut(markdown: string, room: number): string {
  const closing = '</pre>\n</details>';
  const bytes = Buffer.from(markdown).subarray(0, room - cutNotice.length - closing.length);
  // A character that was cut in two becomes U+FFFD at the end, in what the line's end then takes away.
  const text = bytes.toString();
  const kept = text.slice(0, Math.max(0, text.lastIndexOf('\n')));
  const open = (tag: string): boolean =>
    kept.lastIndexOf(`<${tag}`) > kept.lastIndexOf(`</${tag}>`);
  return `${kept}${open('pre') ? '</pre>' : ''}${open('details') ? '\n</details>' : ''}${cutNotice}`;
}

/** The summary file of the step; without one (an old or a local runner) a debug line says so. */
export function runnerSummary(
  file: string | undefined,
  log: Log,
  masker: Masker = runnerMasker,
): Summary {
  // The secrets of a text were escaped with it, so they are looked for as escaping writes them.
  const redact = (markdown: string): string =>
    masker.redact(masker.redact(masker.redact(markdown, escapeSummary), escapeHtml));
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
        const text = `${redact(markdown).trimEnd()}\n\n`;
        if (Buffer.byteLength(text) <= room) await fs.appendFile(file, text);
        else if (room > 1_000) await fs.appendFile(file, cut(text, room));
        else log.debug('The step summary is full; nothing was added to it.');
      } catch (error) {
        log.debug(`The step summary could not be written: ${String(error)}`);
      }
    },
  };
}
