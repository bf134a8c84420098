const token = /[A-Za-z_]\w*|\$\w+|\d+|"[^"\n]*"|[^\s,]/g;

/** The tokens of a GraphQL text, one after the other. */
export interface Tokens {
  peek: () => string;
  /** The next one; throws when it is not the one that is expected. */
  take: (expected?: string) => string;
  /** Reads with `each` until `end`, which is taken too. */
  until: (end: string, each: () => void) => void;
}

/** The tokens of `text`; the empty string stands for its end. */
export function tokensOf(text: string): Tokens {
  const all = text.match(token) ?? [];
  let index = 0;
  const peek = (): string => all[index] ?? '';
  const take = (expected?: string): string => {
    const next = peek();
    if (next === '' || (expected !== undefined && next !== expected))
      throw new Error(`Expected ${expected ?? 'more'}, found ${next || 'the end'}`);
    index += 1;
    return next;
  };
  return {
    peek,
    take,
    until: (end, each) => {
      while (peek() !== end) each();
      take(end);
    },
  };
}
