/** One token of Go source, as far as declarations are told apart by it. */
interface Token {
  kind: 'word' | 'text' | 'sign' | 'end';
  value: string;
}

const blank = /[ \t\r]+/y;
const lineComment = /\/\/[^\n]*/y;
const blockComment = /\/\*[\s\S]*?(?:\*\/|$)/y;
const interpreted = /"(?:[^"\\\n]|\\.)*(?:"|$)/y;
const raw = /`[^`]*(?:`|$)/y;
const rune = /'(?:[^'\\\n]|\\.)*(?:'|$)/y;
const word = /[\p{L}_\p{N}]+/uy;

/** A line ends a statement after these (The Go Programming Language Specification: Semicolons). */
const endsStatement = ({ kind, value }: Token): boolean =>
  kind === 'word' || kind === 'text' || /^[)\]}]$/.test(value);

function tokens(source: string): Token[] {
  const found: Token[] = [];
  let at = 0;
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    const [text] = pattern.exec(source) ?? [];
    if (text !== undefined) at += text.length;
    return text;
  };
  const endLine = (): void => {
    const last = found.at(-1);
    if (last !== undefined && endsStatement(last)) found.push({ kind: 'end', value: ';' });
  };
  while (at < source.length) {
    const gap = take(blank) ?? take(lineComment);
    if (gap !== undefined) continue;
    const comment = take(blockComment);
    if (comment !== undefined) {
      if (comment.includes('\n')) endLine();
      continue;
    }
    const text = take(interpreted) ?? take(raw);
    const value = text ?? take(rune) ?? take(word) ?? source.charAt(at);
    if (text !== undefined) found.push({ kind: 'text', value });
    else if (/^[\p{L}_\p{N}']/u.test(value)) found.push({ kind: 'word', value });
    else {
      at += 1;
      if (value === '\n') endLine();
      else found.push({ kind: value === ';' ? 'end' : 'sign', value });
    }
  }
  endLine();
  return found;
}

/** Splits at `separator` outside of all brackets. */
function splitAt(list: readonly Token[], isSeparator: (token: Token) => boolean): Token[][] {
  const parts: Token[][] = [[]];
  let depth = 0;
  for (const token of list) {
    if (depth === 0 && isSeparator(token)) {
      parts.push([]);
      continue;
    }
    if (/^[([{]$/.test(token.value) && token.kind === 'sign') depth += 1;
    if (/^[)\]}]$/.test(token.value) && token.kind === 'sign') depth -= 1;
    parts.at(-1)?.push(token);
  }
  return parts.filter((part) => part.length > 0);
}

const isEnd = ({ kind }: Token): boolean => kind === 'end';
const isSign =
  (sign: string) =>
  ({ kind, value }: Token): boolean =>
    kind === 'sign' && value === sign;

/** What a package declares at its top: `var` or `const`, each name with its type and value, if given. */
interface Declared {
  keyword: string;
  name: string;
  type: readonly Token[];
  value: readonly Token[];
}

function declarations(source: string): Declared[] {
  return splitAt(tokens(source), isEnd).flatMap((statement) => {
    const [first, ...rest] = statement;
    const keyword = first?.value ?? '';
    if (first?.kind !== 'word' || (keyword !== 'var' && keyword !== 'const')) return [];
    const isGroup = rest[0] !== undefined && isSign('(')(rest[0]);
    const specs = isGroup ? splitAt(rest.slice(1, -1), isEnd) : [rest];
    return specs.flatMap((spec) => {
      const [left = [], right = []] = splitAt(spec, isSign('='));
      const values = splitAt(right, isSign(','));
      const parts = splitAt(left, isSign(','));
      const type = parts.at(-1)?.slice(1) ?? [];
      return parts.map(([name], at) => ({
        keyword,
        name: name?.value ?? '',
        type,
        value: values[at] ?? [],
      }));
    });
  });
}

/**
 * Of the variables at the top of a package, given as its files' source, those of type string that the
 * linker's `-X` can set, and the others, for which the linker would refuse it. What a value's type is is
 * told by a text in front, or a constant of the package that is one; whatever else is among the others.
 */
export function stringVariables(sources: readonly string[]): {
  strings: ReadonlySet<string>;
  others: ReadonlySet<string>;
} {
  const all = sources.flatMap(declarations);
  const typed = ({ type }: Declared): boolean => type.length === 1 && type[0]?.value === 'string';
  const isText = ({ type, value }: Declared): boolean =>
    type.length === 0 && value[0]?.kind === 'text';
  const constants = new Set(
    all
      .filter((one) => one.keyword === 'const' && (typed(one) || isText(one)))
      .map(({ name }) => name),
  );
  const isConstant = ({ type, value }: Declared): boolean =>
    type.length === 0 && value.length === 1 && constants.has(value[0]?.value ?? '');
  const variables = all.filter(({ keyword }) => keyword === 'var');
  const strings = variables.filter((one) => typed(one) || isText(one) || isConstant(one));
  const others = variables.filter((one) => !strings.includes(one));
  return {
    strings: new Set(strings.map(({ name }) => name)),
    others: new Set(others.map(({ name }) => name)),
  };
}
