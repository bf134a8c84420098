import { describe, expect, test } from '@jest/globals';
import { joinPacks } from '../src/pack-joining.ts';
import { mostPacks } from '../src/pack/index.ts';

/** A pack of files of one byte each, named `NAME0`, `NAME1` and so on. */
function pack(name: string, bytes: number) {
  const key = `slipway-pack-v3-open-${name}`;
  return {
    pack: { ...{ key, packedBytes: bytes, bytes, files: bytes, worthMs: 1_000, idle: 0 } },
    paths: Array.from({ length: bytes }, (_, index) => `${name}${index}`),
  };
}
const used = (...paths: string[]) => new Map(paths.map((file) => [file, 1]));
const keys = (kept: readonly { key: string }[]) => kept.map(({ key }) => key.slice(-1)).sort();

describe('packs', () => {
  test('stay as they are while they are few and used', () => {
    const [a, b] = [pack('a', 4), pack('b', 2)];
    const { kept, joined } = joinPacks([a, b], used('a0', 'a1', 'b0'));
    expect(keys(kept)).toEqual(['a', 'b']);
    expect(joined.size).toBe(0);
  });

  test('of which less than half is used are written anew', () => {
    const [a, b] = [pack('a', 4), pack('b', 2)];
    const { kept, joined, joinedWorthMs } = joinPacks([a, b], used('a0', 'b0'));
    expect(keys(kept)).toEqual(['b']);
    expect([...joined]).toEqual(a.paths);
    expect(joinedWorthMs).toBe(1_000);
  });

  test('that are many leave the largest as it is', () => {
    const small = Array.from({ length: mostPacks - 1 }, (_, index) => pack(`${index}`, 2));
    const base = pack('z', 50);
    const all = [...small, base];
    const { kept, joined } = joinPacks(all, used(...all.flatMap(({ paths }) => paths)));
    expect(keys(kept)).toEqual(['z']);
    expect(joined.size).toBe(2 * small.length);
  });

  test('of which nothing is used are left to those who use them', () => {
    expect(keys(joinPacks([pack('a', 4)], used()).kept)).toEqual(['a']);
  });
});
