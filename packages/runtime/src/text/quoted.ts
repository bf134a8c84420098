/** DEL and C1 controls, invisible characters, line separators, characters that turn the direction. */
const deceptive = /[\u007f-\u009f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/** At most 80 characters of `text`, in quotes, with control and invisible characters escaped. */
export function quoted(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 79)}…` : text).replace(
    deceptive,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
