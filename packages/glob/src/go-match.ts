/** Takes one byte, one character but no slash, or one character of a class, which may be a slash. */
type Step = number | 'any' | CharacterClass;

interface CharacterClass {
  negated: boolean;
  ranges: readonly (readonly [low: number, high: number])[];
}

/** The steps from one star to the next. */
interface Chunk {
  /** Whether any text without a slash may stand before it. */
  star: boolean;
  steps: Step[];
}

const slash = 0x2f;

/** What was read of a pattern and where the rest begins; undefined where it is malformed. */
type Read<T> = { value: T; next: number } | undefined;

/** One character of a class, which is not the last of the pattern. */
function readMember(pattern: readonly string[], at: number): Read<number> {
  const escaped = pattern[at] === '\\';
  const member = pattern[escaped ? at + 1 : at];
  const next = escaped ? at + 2 : at + 1;
  const unescaped = !escaped && (member === '-' || member === ']');
  if (member === undefined || unescaped || next >= pattern.length) return undefined;
  return { value: member.codePointAt(0) ?? 0, next };
}

/** The class whose `[` stands before `at`. */
function readClass(pattern: readonly string[], at: number): Read<CharacterClass> {
  const negated = pattern[at] === '^';
  const ranges: [number, number][] = [];
  let next = negated ? at + 1 : at;
  while (pattern[next] !== ']' || ranges.length === 0) {
    const low = readMember(pattern, next);
    const high =
      low !== undefined && pattern[low.next] === '-' ? readMember(pattern, low.next + 1) : low;
    if (low === undefined || high === undefined) return undefined;
    ranges.push([low.value, high.value]);
    next = high.next;
  }
  return { value: { negated, ranges }, next: next + 1 };
}

function readStep(pattern: readonly string[], at: number): Read<readonly Step[]> {
  if (pattern[at] === '?') return { value: ['any'], next: at + 1 };
  if (pattern[at] === '[') {
    const read = readClass(pattern, at + 1);
    return read === undefined ? undefined : { value: [read.value], next: read.next };
  }
  const literal = pattern[at] === '\\' ? at + 1 : at;
  const character = pattern[literal];
  if (character === undefined) return undefined;
  return { value: [...Buffer.from(character)], next: literal + 1 };
}

function readChunks(pattern: readonly string[]): readonly Chunk[] | undefined {
  const chunks: Chunk[] = [];
  let chunk: Chunk = { star: false, steps: [] };
  for (let at = 0; at < pattern.length;) {
    if (pattern[at] === '*') {
      // Of several stars in a row each but the last has nothing to do.
      if (chunk.steps.length > 0) chunks.push(chunk);
      chunk = { star: true, steps: [] };
      at += 1;
      continue;
    }
    const step = readStep(pattern, at);
    if (step === undefined) return undefined;
    chunk.steps.push(...step.value);
    at = step.next;
  }
  return [...chunks, chunk];
}

/** The character at `at` of a name. A star may end within one, of which Go then takes each byte. */
function characterAt(name: Buffer, at: number): { character: number; next: number } {
  if (((name[at] ?? 0) & 0xc0) === 0x80) return { character: 0xfffd, next: at + 1 };
  const character = name.toString('utf8', at, at + 4).codePointAt(0) ?? 0;
  return { character, next: at + Buffer.byteLength(String.fromCodePoint(character)) };
}

/** Where the chunk that begins at `from` ends in the name; undefined when it does not stand there. */
function endOf({ steps }: Chunk, name: Buffer, from: number): number | undefined {
  let at = from;
  for (const step of steps) {
    if (at >= name.length) return undefined;
    if (typeof step === 'number') {
      if (name[at] !== step) return undefined;
      at += 1;
      continue;
    }
    const { character, next } = characterAt(name, at);
    if (step === 'any' && character === slash) return undefined;
    if (step !== 'any') {
      const { negated, ranges } = step;
      const inside = ranges.some(([low, high]) => low <= character && character <= high);
      if (inside === negated) return undefined;
    }
    at = next;
  }
  return at;
}

/** The first end of the chunk, where the star before it takes as little as it can. */
function firstEnd(chunk: Chunk, name: Buffer, from: number, last: boolean): number | undefined {
  for (let at = from; at <= name.length; at += 1) {
    const end = endOf(chunk, name, at);
    if (end !== undefined && (!last || end === name.length)) return end;
    if (!chunk.star || name[at] === slash) return undefined;
  }
  return undefined;
}

/**
 * A matcher of whole names by a pattern, with every answer that Go's path.Match gives
 * (src/path/match.go). Undefined for a pattern that Go calls malformed. A match takes at most as many
 * steps as pattern and name have bytes, multiplied.
 */
export function goMatcher(pattern: string): ((name: string) => boolean) | undefined {
  const chunks = readChunks(Array.from(pattern));
  if (chunks === undefined) return undefined;
  return (name) => {
    const bytes = Buffer.from(name);
    let at = 0;
    for (const [index, chunk] of chunks.entries()) {
      const end = firstEnd(chunk, bytes, at, index === chunks.length - 1);
      if (end === undefined) return false;
      at = end;
    }
    return at === bytes.length;
  };
}
