/**
 * Private keys in PEM (RFC 7468) and OpenPGP's armour, whatever they stand under; one that is cut off goes
 * to the end of the text.
 */
export const privateKeys =
  /-----BEGIN (?:[A-Z0-9]{1,20} ){0,3}PRIVATE KEY(?: BLOCK)?-----[\s\S]*?(?:-----END [A-Z0-9 ]{1,60}-----|$)/g;
