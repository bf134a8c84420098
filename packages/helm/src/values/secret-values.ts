import { isOrdinaryText, shortestGuess } from '@slipway/runtime';
import { holdsSecret } from './secret-key.ts';

/** Texts of which to mask one would tell nothing and blank out the log. */
const telling = (text: string): boolean => !isOrdinaryText(text);

function walk(value: unknown, secret: boolean, found: Set<string>): void {
  if (typeof value === 'string' || typeof value === 'number') {
    if (secret && String(value).length >= shortestGuess) found.add(String(value));
  } else if (Array.isArray(value)) value.forEach((item) => walk(item, secret, found));
  else if (typeof value === 'object' && value !== null)
    for (const [key, inner] of Object.entries(value)) walk(inner, holdsSecret(key, secret), found);
}

/** The strings in chart values that stand under a key named like a secret (password, token, apiKey...). */
export function secretsInValues(values: unknown): readonly string[] {
  const found = new Set<string>();
  walk(values, false, found);
  return [...found].filter(telling);
}

interface SecretLike {
  kind?: unknown;
  data?: unknown;
  stringData?: unknown;
}

/** What rendered objects of kind Secret hold, decoded. */
export function secretsInObjects(objects: readonly SecretLike[]): readonly string[] {
  const found = new Set<string>();
  for (const object of objects) {
    if (object.kind !== 'Secret') continue;
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
