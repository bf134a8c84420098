import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import GithubSlugger from 'github-slugger';
import { marked, type Token } from 'marked';

/** One fenced block. */
export interface Block {
  /** The first word after the fence; empty for none. */
  language: string;
  text: string;
  line: number;
}

/** One link or image, with what is written for it. */
export interface Link {
  href: string;
  text: string;
  line: number;
}

/** What of a Markdown page is checked. */
export interface Page {
  /** From the root, with slashes on every system. */
  file: string;
  /** The ids that GitHub gives to its headings. */
  anchors: ReadonlySet<string>;
  links: readonly Link[];
  blocks: readonly Block[];
  /** What stands between single backquotes in the text. */
  codeSpans: readonly { text: string; line: number }[];
}

/** Reads a page as GitHub does: its Markdown by marked, its headings' ids by github-slugger. */
export function readPage(file: string, markdown: string): Page {
  const slugger = new GithubSlugger();
  const anchors = new Set<string>();
  const links: Link[] = [];
  const blocks: Block[] = [];
  const codeSpans: { text: string; line: number }[] = [];
  // Tokens come in the order of the text, so each is looked for behind the one before it.
  let reached = 0;
  const lineOf = (raw: string): number => {
    const at = markdown.indexOf(raw, reached);
    if (at >= 0) reached = at;
    return markdown.slice(0, reached).split('\n').length;
  };
  const visit = (token: Token): void => {
    switch (token.type) {
      case 'heading':
        anchors.add(slugger.slug(token['text'] as string));
        return;
      case 'link':
      case 'image':
        links.push({
          href: token['href'] as string,
          text: token['text'] as string,
          line: lineOf(token.raw),
        });
        return;
      case 'code':
        blocks.push({
          language: ((token['lang'] as string | undefined) ?? '').split(/\s/)[0] ?? '',
          text: token['text'] as string,
          line: lineOf(token.raw),
        });
        return;
      case 'codespan':
        codeSpans.push({ text: token['text'] as string, line: lineOf(token.raw) });
        return;
    }
  };
  void marked.walkTokens(marked.lexer(markdown), visit);
  return { file, anchors, links, blocks, codeSpans };
}

/** Every Markdown page of the checkout at `root`, by its path. */
export function readPages(root: string): ReadonlyMap<string, Page> {
  const files = globSync('**/*.md', {
    cwd: root,
    exclude: (name) =>
      ['node_modules', 'dist', '.git', '.cache', '.out'].includes(path.basename(name)),
  });
  return new Map(
    files
      .map((file) => file.split(path.sep).join('/'))
      .sort()
      .map((file) => [file, readPage(file, readFileSync(path.join(root, file), 'utf8'))]),
  );
}
