import { isOrdinaryText, shortestGuess } from '@slipway/runtime';
import { privateKeys } from './private-key.ts';
import { asksForSecret, holdsSecret } from './secret-key.ts';

/** Texts of which to mask one would tell nothing and blank out the log. */
const telling = (text: string): boolean => !isOrdinaryText(text);

/** The password in an address, `postgres://user:password@host`. */
const addressPassword = /\b[a-z][a-z0-9+.-]{0,30}:\/\/[^/?#\s:@]{0,200}:([^/?#\s@]{1,2000})@/gi;

/** Whether a mapping gives a name and its value, as environment variables are written. */
function isNamedValue(value: object): value is { name: string; value: unknown } {
  return 'value' in value && 'name' in value && typeof value.name === 'string';
}

function walk(value: unknown, secret: boolean, found: Set<string>): void {
  if (typeof value === 'string' || typeof value === 'number') {
    const text = String(value);
    if (secret && text.length >= shortestGuess) found.add(text);
    else {
      for (const [, password = ''] of text.matchAll(addressPassword))
        if (password.length >= shortestGuess) found.add(password);
      for (const [key] of text.matchAll(privateKeys)) found.add(key);
    }
  } else if (Array.isArray(value))
    value.forEach((item, at) => walk(item, secret || asksForSecret(value[at - 1]), found));
  else if (typeof value === 'object' && value !== null) {
    const named = isNamedValue(value) && holdsSecret(value.name, secret);
    for (const [key, inner] of Object.entries(value))
      walk(
        inner,
        key === 'value' ? named || holdsSecret(key, secret) : holdsSecret(key, secret),
        found,
      );
  }
}

/**
 * The strings in chart values that stand under a key named like a secret (password, token, apiKey...),
 * are the value of a variable or a flag named so, a private key, or the password in an address.
 */
export function secretsInValues(values: unknown): readonly string[] {
  const found = new Set<string>();
  walk(values, false, found);
  return [...found].filter(telling);
}

/** Calls `visit` with each list of environment variables in an object, wherever its pods are described. */
function environments(value: unknown, visit: (env: readonly unknown[]) => void): void {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries(value))
    if (key === 'env' && Array.isArray(inner)) visit(inner);
    else environments(inner, visit);
}

interface SecretLike {
  kind?: unknown;
  data?: unknown;
  stringData?: unknown;
}

/**
 * What rendered objects of kind Secret hold, decoded, and what the environment of containers holds that
 * is named like a secret.
 */
export function secretsInObjects(objects: readonly SecretLike[]): readonly string[] {
  const found = new Set<string>();
  for (const object of objects) {
    if (object.kind !== 'Secret') {
      environments(object, (env) => walk(env, false, found));
      continue;
    }
    for (const text of Object.values((object.stringData ?? {}) as Record<string, unknown>))
      walk(text, true, found);
    for (const text of Object.values((object.data ?? {}) as Record<string, unknown>)) {
      if (typeof text !== 'string') continue;
      const decoded = Buffer.from(text, 'base64').toString('utf8');
      if (decoded.length >= shortestGuess) found.add(decoded);
    }
  }
  return [...found].filter(telling);
}
