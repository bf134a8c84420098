/** Blanks and invisible characters, but for those that begin a new line anyway. */
const leading = '[[\\p{White_Space}\\p{C}]--[\\n\\u2028\\u2029]]*';
const commandStart = new RegExp(`^(${leading}):(?=:)`, 'gmv');

/**
 * Keeps text that came from elsewhere from being read as a workflow command. The runner ends lines at
 * CR, LF or both, takes away leading blanks (U+0085 is one to .NET, not to JavaScript) and then looks
 * for `::`; it also looks for `##[` anywhere in a line, first of all, and the log viewer folds and
 * colours by it (actions/runner: src/Runner.Common/ActionCommand.cs, TryParseV2 and TryParse). A
 * zero-width space breaks both. The runner's comparisons follow the culture and may pass over that
 * space, but it then reads a command's name at a fixed distance, where `:` or `[` now stands.
 */
export function inert(text: string): string {
  return text
    .replace(/\r\n?/g, '\n')
    .replace(commandStart, '$1:\u200b')
    .replace(/##(?=\[)/g, '##\u200b');
}

/** `inert` text in one line: line breaks of every kind become blanks. */
export function inertLine(text: string): string {
  return inert(text.replace(/[\r\n\u0085\u2028\u2029]+/g, ' '));
}
