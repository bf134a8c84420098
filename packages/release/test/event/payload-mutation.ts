/** Numbers from 0 up to 1 that are the same for the same seed (mulberry32). */
export function numbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** What strangers may put where a text is expected. */
const hostile: readonly unknown[] = [
  ...['', ' ', '\0', '\n', 'x\r\n::set-output name=version::9', 'x\n::add-path::/tmp/evil'],
  ...[
    '$(id)',
    '`id`',
    '"; rm -rf $HOME #',
    '--output=/etc/passwd',
    '-n',
    '../../etc/passwd',
    '${{ github.token }}',
  ],
  ...[
    '\u202Enigol',
    '\u2066api\u2069',
    '\u200b',
    '\u061capi',
    '\u200fapi',
    '\u2028::error::x',
    '\u0085::error::x',
    '\ud800',
  ],
  ...['<img src=x onerror=alert(1)>', '|x|', '[a](javascript:alert(1))', '@everyone', '##[error]x'],
  ...[
    'api',
    'ledger',
    'refs/heads/main',
    'refs/tags/v9.9.9',
    'refs/tags/api/v1.0.0',
    'refs/pull/1/merge',
    'v1.2.3\n',
  ],
  ...[
    '0'.repeat(40),
    'a'.repeat(40),
    'x'.repeat(70_000),
    `refs/heads/${'é'.repeat(300)}`,
    'constructor',
    '__proto__',
  ],
  ...[
    null,
    true,
    false,
    0,
    -1,
    1e308,
    Number.MAX_SAFE_INTEGER,
    [],
    {},
    ['api'],
    { services: ['api'] },
  ],
  ...['published', 'released', 'edited', 'deleted'],
];

/** Fields that decide something, which are put where they may be missing. */
const deciding = [
  'ref',
  'before',
  'after',
  'action',
  'deleted',
  'number',
  'inputs',
  'client_payload',
  'services',
  'tag_name',
];

function picked<T>(random: () => number, list: readonly T[]): T | undefined {
  return list[Math.floor(random() * list.length)];
}

function mutate(value: unknown, random: () => number, chance: number): unknown {
  if (random() < chance) return picked(random, hostile);
  if (Array.isArray(value)) return value.map((item: unknown) => mutate(item, random, chance));
  if (typeof value !== 'object' || value === null)
    return typeof value === 'string' && random() < chance
      ? `${value}${String(picked(random, hostile))}`
      : value;
  const entries = Object.entries(value)
    .filter(() => random() >= chance / 4)
    .map(([key, inner]): [string, unknown] => [key, mutate(inner, random, chance)]);
  if (random() < chance * 4)
    entries.push([picked(random, deciding) ?? '', picked(random, hostile)]);
  // As JSON.parse makes it: __proto__ is a field like any other.
  return Object.fromEntries(entries);
}

/** A copy of `payload` with some fields lost, replaced or put in. */
export function mutated(payload: unknown, random: () => number): unknown {
  // Little in most, so that many are nearly right; much in some.
  return mutate(payload, random, 0.002 + 0.15 * random() ** 3);
}
