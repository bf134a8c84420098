import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';

/** What JSON can hold. */
export type Json =
  null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/**
 * `value` as JSON holds it: what JSON leaves out is gone, and half characters, which canonical JSON
 * refuses, are replaced. Hostile text stays text.
 */
export function plainJson(value: unknown): Json {
  const text = JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'string' ? inner.toWellFormed() : inner,
  ) as string | undefined;
  return text === undefined ? null : (JSON.parse(text) as Json);
}

/** The one text of `value` by the JSON Canonicalization Scheme (RFC 8785). */
export function canonicalJson(value: Json): string {
  return canonicalize(value) ?? 'null';
}

/** SHA-256 of the canonical text, in hexadecimal. */
export function digestOf(value: Json): string {
  return createHash('sha256').update(canonicalJson(value)).digest('hex');
}

/** Bytes of `value` as canonical JSON, which has the length of any JSON without blanks. */
export function bytesOf(value: Json): number {
  return Buffer.byteLength(JSON.stringify(value));
}
