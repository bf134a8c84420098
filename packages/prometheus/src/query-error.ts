const shown = 40;

/**
 * What Prometheus says of a query that it cannot parse (`invalid parameter "query": 1:18: parse error:
 * …`), with the place in words and the text that stands there. Other messages come back as they are.
 */
export function parseErrorText(message: string, query: string | undefined): string {
  const match = /^(?:invalid parameter "?query"?: )?(\d+):(\d+): (.*)$/s.exec(message);
  if (match === null || query === undefined) return message;
  const [, line = '1', column = '1', said = ''] = match;
  const text = query.split('\n')[Number(line) - 1] ?? '';
  const at = Number(column) - 1;
  const before = text.slice(Math.max(0, at - shown), at);
  const after = text.slice(at, at + shown);
  return `${said} at line ${line}, column ${column} of the query: ${before}⟨here⟩${after}`;
}
