/**
 * The values of a text in which JSON objects follow each other, as `go list -json` and
 * `go mod download -json` print them: each begins with `{` and ends with `}` at the start of a line.
 * Throws SyntaxError on anything else.
 */
export function jsonStream(text: string): unknown[] {
  const objects = text.split(/^(?=\{$)/m).filter((part) => part.trim() !== '');
  return objects.map((part) => JSON.parse(part) as unknown);
}
