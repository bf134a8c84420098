/** A part of a text, known by what it begins and ends with. */
export interface Span {
  begin: RegExp;
  /** Looked for behind the begin; a line's end is the end of what it sees, unless `acrossLines`. */
  end: RegExp;
  /** Whether it goes to the last end there is, rather than to the first. */
  toLast?: boolean;
  /** Whether its end may stand on a later line. */
  acrossLines?: boolean;
  /** What stands in its place: made of the begin and the end, as the patterns found them. */
  rest: (begin: RegExpExecArray, end: RegExpExecArray) => string;
}

function endOf(text: string, { end, toLast = false }: Span): RegExpExecArray | undefined {
  if (!toLast) return end.exec(text) ?? undefined;
  return [...text.matchAll(new RegExp(end, `${end.flags}g`))].at(-1);
}

function withoutSpan(text: string, span: Span): string {
  let shown = '';
  let left = text;
  for (;;) {
    const begin = span.begin.exec(left);
    if (begin === null) return shown + left;
    const inside = left.slice(begin.index + begin[0].length);
    const end = endOf(inside, span);
    // What has no end behind this begin has none behind a later one.
    if (end === undefined) return shown + left;
    shown += left.slice(0, begin.index) + span.rest(begin, end);
    left = inside.slice(end.index + end[0].length);
  }
}

/**
 * `text` with `rest` in place of every such part; a begin without an end stays. What it takes grows with the
 * length of the text alone, where a pattern of begin, anything and end looks to the end from every begin.
 */
export function replaceSpan(text: string, span: Span): string {
  if (span.acrossLines === true) return withoutSpan(text, span);
  return text
    .split('\n')
    .map((line) => withoutSpan(line, span))
    .join('\n');
}
