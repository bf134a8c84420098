/** More than this is not kept of one package, in characters: what passed goes first, then what is oldest. */
const most = 4_000_000;

/** What the tests of one package print, kept until it is known whether somebody wants to read it. */
export interface PackageOutput {
  add: (test: string, text: string) => void;
  /** Whole lines of a test, or with '' of the package itself. */
  linesOf: (test: string) => readonly string[];
}

/** Keeps output by test. `isPassed` tells which tests nobody needs to read about when there is too much. */
export function packageOutput(isPassed: (test: string) => boolean): PackageOutput {
  const kept = new Map<string, string[]>();
  let size = 0;
  const drop = (test: string): void => {
    for (const text of kept.get(test) ?? []) size -= text.length;
    kept.delete(test);
  };
  const makeRoom = (writing: string): void => {
    for (const test of [...kept.keys()]) if (isPassed(test)) drop(test);
    for (const test of [...kept.keys()]) if (size > most / 2 && test !== writing) drop(test);
    const texts = kept.get(writing) ?? [];
    let gone = 0;
    while (size > most / 2 && gone < texts.length) size -= texts[gone++]?.length ?? 0;
    texts.splice(0, gone);
  };
  return {
    add: (test, text) => {
      const texts = kept.get(test) ?? [];
      kept.set(test, texts);
      texts.push(text);
      size += text.length;
      if (size > most) makeRoom(test);
    },
    linesOf: (test) => {
      const text = (kept.get(test) ?? []).join('');
      return text === '' ? [] : text.replace(/\n$/, '').split('\n');
    },
  };
}
