import { stripVTControlCharacters } from 'node:util';

/** Control characters, and those that turn the direction of the text around them. */
const unseen =
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

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
