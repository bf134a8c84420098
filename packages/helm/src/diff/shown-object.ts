import { isUtf8 } from 'node:buffer';
import { isJson, type Json } from '../merge/index.ts';
import { comparable } from '../release/index.ts';
import { asksForSecret, holdsSecret, shownText } from '../values/index.ts';
import type { SecretHash } from './secret-hash.ts';

/** kubectl keeps a copy of the whole object there, what a Secret holds too. */
const copies = 'kubectl.kubernetes.io/last-applied-configuration';

/** What a Secret holds, decoded, so that `stringData` and `data` of one text look the same. */
function shownData(object: Json, hash: SecretHash): Json {
  const { data, stringData, ...rest } = object;
  const decoded = Object.entries(isJson(data) ? data : {}).map(([key, value]) => {
    const bytes = Buffer.from(String(value), 'base64');
    // Bytes that are no text would look the same once they are read as one.
    return [key, hash(bytes.toString(isUtf8(bytes) ? 'utf8' : 'base64'))] as const;
  });
  const texts = Object.entries(isJson(stringData) ? stringData : {}).map(
    ([key, value]) => [key, hash(value)] as const,
  );
  return { ...rest, data: Object.fromEntries([...decoded, ...texts]) };
}

function walk(value: unknown, secret: boolean, hash: SecretHash): unknown {
  if (Array.isArray(value))
    return value.map((item, at) => {
      const isText = typeof item !== 'object';
      return walk(item, secret || (isText && asksForSecret(value[at - 1])), hash);
    });
  if (!isJson(value)) {
    if (secret && (typeof value === 'string' || typeof value === 'number')) return hash(value);
    return typeof value === 'string' ? shownText(value, hash) : value;
  }
  const { name } = value;
  const named = typeof name === 'string' && holdsSecret(name, secret);
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => {
      // Only texts directly under such a key: `secret:` and `tokens:` in a spec are mappings of names.
      const texts: readonly unknown[] = Array.isArray(inner) ? inner : [inner];
      const isText = texts.every((text) => typeof text !== 'object');
      const inside =
        key === copies || (isText && (holdsSecret(key, false) || (key === 'value' && named)));
      return [key, walk(inner, inside, hash)];
    }),
  );
}

/** Helm puts these on every object of a release, whatever the chart says. */
const marks: Readonly<Record<string, RegExp>> = {
  labels: /^app\.kubernetes\.io\/managed-by$/,
  annotations: /^meta\.helm\.sh\//,
};

function withoutMarks(object: Json): Json {
  const metadata = Object.entries(isJson(object['metadata']) ? object['metadata'] : {});
  const own = metadata.flatMap(([field, value]) => {
    const mark = marks[field];
    if (mark === undefined || !isJson(value)) return [[field, value] as const];
    const rest = Object.entries(value).filter(([key]) => !mark.test(key));
    return rest.length === 0 ? [] : [[field, Object.fromEntries(rest)] as const];
  });
  return { ...object, metadata: Object.fromEntries(own) };
}

/** An object as a diff may show it: without what changes by itself, and each secret by its hash. */
export function shownObject(object: Json, hash: SecretHash): Json {
  const told = withoutMarks(comparable(object));
  const safe = object['kind'] === 'Secret' ? shownData(told, hash) : told;
  return walk(safe, false, hash) as Json;
}
