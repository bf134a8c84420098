import { createHmac, randomBytes } from 'node:crypto';

/** What is shown in place of a secret: equal for equal ones of one run, and else without meaning. */
export type SecretHash = (secret: unknown) => string;

/** A hash under a key that nobody keeps, so that no list of passwords can be tried on it afterwards. */
export function secretHash(key: Buffer = randomBytes(32)): SecretHash {
  return (secret) => {
    const text = typeof secret === 'string' ? secret : JSON.stringify(secret ?? null);
    return `(secret ${createHmac('sha256', key).update(text).digest('hex').slice(0, 8)})`;
  };
}
