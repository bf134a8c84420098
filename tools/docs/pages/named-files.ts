import { existsSync, globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { linkTarget } from './links.ts';
import type { Page } from './page.ts';

/** Folders of this repository: what begins with one of them is a path here and not somewhere else. */
const homes = ['.github', 'actions', 'bench', 'docs', 'packages', 'test', 'tools'];

/** `actions/checkout` is an action of GitHub's; ours are named by their folder's contents or by a link. */
function isPath(text: string): boolean {
  if (/^actions\/[^/]+$/.test(text)) return false;
  return homes.some((home) => text.startsWith(`${home}/`)) && /^[\w.*/{},-]+$/.test(text);
}

/**
 * Paths between backquotes that are not there. A path may be a pattern (`tools/docs/*.ts`); what a user is
 * to make, such as `.github/slipway.yml`, must not be written as one of these folders.
 */
export function namedFileProblems(root: string, page: Page): readonly string[] {
  return page.codeSpans
    .filter(({ text }) => isPath(text))
    .filter(({ text }) =>
      /[*{]/.test(text)
        ? globSync(text, { cwd: root }).length === 0
        : !existsSync(path.join(root, text)),
    )
    .map(({ text, line }) => `${page.file}:${line}: there is no ${text}`);
}

/**
 * Tests that a page names in a link (`[no value can become a flag](../test/x.test.ts)`) and that the file
 * does not have. A link whose text is a path names the file alone.
 */
export function namedTestProblems(root: string, page: Page): readonly string[] {
  return page.links.flatMap(({ href, text, line }) => {
    const file = linkTarget(page, href)?.file;
    if (file?.endsWith('.test.ts') !== true || text.includes('.test.ts')) return [];
    const source = path.join(root, file);
    // That the file is there is for the links to say.
    if (!existsSync(source) || readFileSync(source, 'utf8').includes(text)) return [];
    return [`${page.file}:${line}: ${file} has no test "${text}"`];
  });
}
