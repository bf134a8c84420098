const maxText = 2_000;

/** `text` as a certificate holds it: long ones lose their end. */
export const shortText = (text: string): string =>
  text.length <= maxText ? text : `${text.slice(0, maxText - 1)}…`;
