/** One directive of a go.mod or go.work file, out of a block or not. */
export interface ModLine {
  verb: string;
  /** What stands behind the verb; strings without their quotes. */
  words: readonly string[];
  inBlock: boolean;
}

/** The tokens of one line: bare words, Go strings and parentheses; comments are dropped. */
function tokens(line: string): string[] {
  const found: string[] = [];
  const pattern = /\/\/.*$|"([^"]*)"|`([^`]*)`|[()]|(?:(?!\/\/)[^\s()"`])+/g;
  for (const match of line.matchAll(pattern)) {
    if (match[0].startsWith('//')) break;
    found.push(match[1] ?? match[2] ?? match[0]);
  }
  return found;
}

/** The directives of a go.mod or go.work file in their order (go.dev/ref/mod#go-mod-file-grammar). */
export function modLines(text: string): readonly ModLine[] {
  const lines: ModLine[] = [];
  let block: string | undefined;
  for (const line of text.split(/\r?\n/)) {
    const [verb, ...words] = tokens(line);
    if (verb === undefined) continue;
    if (block !== undefined) {
      if (verb === ')') block = undefined;
      else lines.push({ verb: block, words: [verb, ...words], inBlock: true });
    } else if (words[0] === '(') block = words.at(-1) === ')' ? undefined : verb;
    else lines.push({ verb, words, inBlock: false });
  }
  return lines;
}
