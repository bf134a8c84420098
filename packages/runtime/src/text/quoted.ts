/** DEL and C1 controls, line separators, characters that are invisible or turn the direction. */
const deceptive = /[\u007f-\u009f\u2028\u2029\p{Cf}]/gu;

/** As JSON escapes it: one that needs two units of UTF-16 as both. */
function escaped(character: string): string {
  return Array.from({ length: character.length }, (_, index) => {
    return `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`;
  }).join('');
}

/** At most 80 characters of `text`, in quotes, with control and invisible characters escaped. */
export function quoted(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 79)}…` : text).replace(
    deceptive,
    escaped,
  );
}
