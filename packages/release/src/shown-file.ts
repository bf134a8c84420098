import { quoted } from '@slipway/runtime';

const maxLength = 200;

/**
 * A file's name as a summary or a log shows it: as it is when all of it can be seen, else in quotes with control
 * characters, those that turn the direction of text, and invisible ones escaped.
 */
export function shownFile(file: string): string {
  if (file.length <= maxLength && /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]*$/u.test(file)) return file;
  return quoted(file).replace(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cn}]/gu,
    (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );
}
