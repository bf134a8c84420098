/** One token of what stands between `{{` and `}}` (Go: text/template/parse/lex.go). */
export type TemplateToken =
  /** A function or a keyword. */
  | { kind: 'word'; text: string }
  /** `.a.b`, `$.a`, `$x.a` and `(…).a`: the names, without what they are of. */
  | { kind: 'fields'; names: readonly string[] }
  /** The dot alone, or `$` alone. */
  | { kind: 'dot' | 'root' }
  | { kind: 'text'; text: string }
  /** Variables, numbers, and signs but for the pipe. */
  | { kind: 'other' }
  | { kind: 'pipe' }
  /** What no template has there. */
  | { kind: 'strange' };

/** The parts of an action, each from where it stands (`y`). */
const parts: readonly (readonly [RegExp, (found: RegExpExecArray) => TemplateToken | undefined])[] =
  [
    [/\/\*[^]*?\*\//y, () => undefined],
    [/\s+|-(?!\d)/y, () => undefined],
    [
      /"((?:\\.|[^"\\\n])*)"/y,
      ([, text = '']) => ({ kind: 'text', text: text.replace(/\\(["\\])/g, '$1') }),
    ],
    [/`([^`]*)`/y, ([, text = '']) => ({ kind: 'text', text })],
    [/'(?:\\.[^'\n]*|[^'\\\n])'/y, () => ({ kind: 'other' })],
    [
      /(?:\$[\p{L}\d_]*)?((?:\.[\p{L}_][\p{L}\d_]*)+)/uy,
      ([, names = '']) => ({ kind: 'fields', names: names.slice(1).split('.') }),
    ],
    [/\$[\p{L}\d_]+/uy, () => ({ kind: 'other' })],
    [/\$/y, () => ({ kind: 'root' })],
    [/[-+]?\.?\d[\w.+-]*/y, () => ({ kind: 'other' })],
    [/\./y, () => ({ kind: 'dot' })],
    [/[\p{L}_][\p{L}\d_]*/uy, ([text]) => ({ kind: 'word', text })],
    [/\|/y, () => ({ kind: 'pipe' })],
    [/:=|[(),=]/y, () => ({ kind: 'other' })],
  ];

/** The tokens from `start` on to the `}}` that ends the action, and where that ends. */
function readAction(source: string, start: number): { tokens: TemplateToken[]; end: number } {
  const tokens: TemplateToken[] = [];
  let at = start;
  while (at < source.length && !source.startsWith('}}', at)) {
    let token: TemplateToken | undefined = { kind: 'strange' };
    let end = at + 1;
    for (const [pattern, read] of parts) {
      pattern.lastIndex = at;
      const found = pattern.exec(source);
      if (found === null) continue;
      token = read(found);
      end = pattern.lastIndex;
      break;
    }
    if (token !== undefined) tokens.push(token);
    at = end;
  }
  if (at >= source.length) tokens.push({ kind: 'strange' });
  return { tokens, end: at + 2 };
}

/** The tokens of each action of a template. What Go would not parse has a strange token in it. */
export function templateActions(source: string): readonly (readonly TemplateToken[])[] {
  const actions: TemplateToken[][] = [];
  for (let at = source.indexOf('{{'); at >= 0; at = source.indexOf('{{', at)) {
    const { tokens, end } = readAction(source, at + 2);
    actions.push(tokens);
    at = end;
  }
  return actions;
}
