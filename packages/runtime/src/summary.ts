import * as fs from 'node:fs/promises';
import { stripVTControlCharacters } from 'node:util';
import { runnerMasker, type Masker } from './masking.ts';
import type { Log } from './ports.ts';

/**
 * The runner drops a whole summary above 1 MiB and marks the step (actions/runner:
 * FileCommandManager.cs, AttachmentSizeLimit); some room is left for what other tools append.
 */
const maxSummaryBytes = 1_000_000;
const cutNotice = '\n\n(The rest was left out: a step summary holds 1 MiB.)\n';

/** Control characters, and those that turn the direction of the text around them. */
const unseen = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g;

/** `text` without colour codes, control and direction characters; line breaks of all kinds as `\n`. */
export function plainText(text: string): string {
  return stripVTControlCharacters(text)
    .replace(/\r\n?|[\u0085\u2028\u2029]/g, '\n')
    .replace(unseen, '');
}

/** `text` for the inside of an HTML element, where Markdown has no say. */
export function escapeHtml(text: string): string {
  return plainText(text)
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/"/g, '&quot;')
    .replace(/'/g, '&#39;');
}

/**
 * `text` for a place inside a line of a summary (a cell, a heading, a paragraph), so that neither
 * HTML nor Markdown in it has an effect, nobody is mentioned and nothing is linked. Line breaks become
 * `<br>`.
 */
export function escapeSummary(text: string): string {
  return (
    escapeHtml(text)
      .replace(/(?<!&)#(?=\d)/g, '#\u200b')
      .replace(/(?<!&)#|[\\`*_{}[\]()+!|~$^=]/g, (mark) => `&#${mark.charCodeAt(0)};`)
      .replace(/:(?=\/\/)/g, '&#58;')
      .replace(/\b(www)\./gi, '$1&#46;')
      // Mentions, addresses and issue numbers are found in the rendered text, where an entity no longer
      // helps. Image references such as name@sha256:… are none of these and stay as they can be copied.
      .replace(/(?<![\w.-])@(?=\w)|@(?=[\w-]+\.\w)/g, '@\u200b')
      .replace(/\n/g, '<br>')
  );
}

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
