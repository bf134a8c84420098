import { rmSync } from 'node:fs';
import { afterEach, describe, expect, test } from '@jest/globals';
import { commandProblems } from '../../docs/pages/commands.ts';
import { linkProblems, orphanedPages } from '../../docs/pages/links.ts';
import { namedFileProblems, namedTestProblems } from '../../docs/pages/named-files.ts';
import { readPage, readPages, type Page } from '../../docs/pages/page.ts';
import { scratchTree } from '../scratch-tree.ts';

let root = '';
afterEach(() => rmSync(root, { recursive: true, force: true }));

function tree(files: Readonly<Record<string, string>>): ReadonlyMap<string, Page> {
  root = scratchTree(files);
  return readPages(root);
}

function pageOf(pages: ReadonlyMap<string, Page>, file: string): Page {
  const page = pages.get(file);
  if (page === undefined) throw new Error(`no ${file} in ${[...pages.keys()].join(', ')}`);
  return page;
}

describe('a page', () => {
  test('has the ids of headings that GitHub gives, numbered where they repeat', () => {
    const { anchors } = readPage(
      'a.md',
      '# `pods/…` are asked\n## What it does, in order\n## Same\n## Same\n',
    );
    expect([...anchors]).toEqual(['pods-are-asked', 'what-it-does-in-order', 'same', 'same-1']);
  });

  test('has the lines of its blocks, links and code, also in tables', () => {
    const page = readPage(
      'a.md',
      'x\n\n| a |\n| --- |\n| [b](b.md) `c/d` |\n\n```yaml\nk: v\n```\n',
    );
    expect(page.links).toEqual([{ href: 'b.md', text: 'b', line: 5 }]);
    expect(page.codeSpans).toEqual([{ text: 'c/d', line: 5 }]);
    expect(page.blocks).toEqual([{ language: 'yaml', text: 'k: v', line: 7 }]);
  });
});

describe('a link', () => {
  test('to a file, a folder, a heading or elsewhere is right', () => {
    const pages = tree({
      'README.md': '[a](docs/a.md#one) [b](docs) [c](#top) [d](https://example.com/x)\n# Top\n',
      'docs/a.md': '## One\n![picture](../x.png)\n',
      'x.png': '',
    });
    for (const page of pages.values()) expect(linkProblems(root, pages, page)).toEqual([]);
  });

  test.each([
    ['docs/b.md', 'leads to no file'],
    ['docs/a.md#two', 'leads to no heading of docs/a.md'],
    ['../elsewhere.md', 'leaves the repository'],
  ])('to %s is told: %s', (href, problem) => {
    const pages = tree({ 'README.md': `\n[x](${href})\n`, 'docs/a.md': '## One\n' });
    const told = linkProblems(root, pages, pageOf(pages, 'README.md'));
    expect(told).toEqual([`README.md:2: the link to ${href} ${problem}`]);
  });

  test('that no page has to a page of docs is missed', () => {
    const pages = tree({
      'README.md': '[a](docs/a.md)',
      'docs/a.md': '[itself](a.md)',
      'docs/b.md': '[itself](b.md)',
    });
    expect(orphanedPages(pages, 'docs')).toEqual(['docs/b.md: no page links to it']);
  });
});

describe('what a page names', () => {
  test('must be there: files, and patterns of them', () => {
    const pages = tree({
      'tools/a.ts': '',
      'README.md':
        '`tools/a.ts` `tools/*.ts` `tools/b.ts` `tools/*.js` `actions/checkout` `dist/x` `tools/<name>`\n',
    });
    expect(namedFileProblems(root, pageOf(pages, 'README.md'))).toEqual([
      'README.md:1: there is no tools/b.ts',
      'README.md:1: there is no tools/*.js',
    ]);
  });

  test('must be there: tests, by their names', () => {
    const pages = tree({
      'test/x.test.ts': "test('does it', () => {});",
      'README.md':
        '[does it](test/x.test.ts) [does that](test/x.test.ts) [test/x.test.ts](test/x.test.ts)',
    });
    expect(namedTestProblems(root, pageOf(pages, 'README.md'))).toEqual([
      'README.md:1: test/x.test.ts has no test "does that"',
    ]);
  });

  test.each([
    ['npm run check -- pages', undefined],
    ['npm test -- --unit', undefined],
    ['npm run lab -- up   # starts it', undefined],
    ['npm ci', undefined],
    ['node tools/a.ts --check', undefined],
    ['npm run chek', 'there is no npm run chek'],
    ['npm run lab -- upp', 'npm run lab does not know upp'],
    ['node tools/b.ts', 'there is no tools/b.ts to run'],
  ])('must be there: the command %j', (command, problem) => {
    const pages = tree({ 'tools/a.ts': '', 'README.md': `\`\`\`bash\n${command}\n\`\`\`\n` });
    const commands = {
      scripts: new Set(['check', 'test', 'lab']),
      firstArguments: new Map([['lab', new Set(['up', 'down'])]]),
    };
    expect(commandProblems(root, commands, pageOf(pages, 'README.md'))).toEqual(
      problem === undefined ? [] : [`README.md:1: ${problem}`],
    );
  });
});
