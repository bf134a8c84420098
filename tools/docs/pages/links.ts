import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Page } from './page.ts';

/** The file of the checkout that `href` on `page` leads to, with the heading; undefined for elsewhere. */
export function linkTarget(
  page: Page,
  href: string,
): { file: string; anchor: string | undefined } | undefined {
  if (/^[a-z][a-z0-9+.-]*:/i.test(href) || href.startsWith('//')) return undefined;
  const [place = '', anchor] = href.split('#', 2);
  const file =
    place === ''
      ? page.file
      : path.posix.normalize(path.posix.join(path.posix.dirname(page.file), decodeURI(place)));
  return { file, anchor };
}

/** Links of a page that lead to no file, or to a heading that its page does not have. */
export function linkProblems(
  root: string,
  pages: ReadonlyMap<string, Page>,
  page: Page,
): readonly string[] {
  return page.links.flatMap(({ href, line }) => {
    const target = linkTarget(page, href);
    if (target === undefined) return [];
    const where = `${page.file}:${line}: the link to ${href}`;
    if (target.file.startsWith('../')) return [`${where} leaves the repository`];
    if (!existsSync(path.join(root, target.file))) return [`${where} leads to no file`];
    if (target.anchor === undefined) return [];
    const anchors = pages.get(target.file)?.anchors;
    return anchors?.has(target.anchor) === true
      ? []
      : [`${where} leads to no heading of ${target.file}`];
  });
}

/** Pages of `folder` that no page links to: nobody would find them. */
export function orphanedPages(pages: ReadonlyMap<string, Page>, folder: string): readonly string[] {
  const linked = new Set(
    [...pages.values()].flatMap((page) =>
      page.links.map(({ href }) => {
        const file = linkTarget(page, href)?.file;
        return file === page.file ? undefined : file;
      }),
    ),
  );
  return [...pages.keys()]
    .filter((file) => file.startsWith(`${folder}/`) && !linked.has(file))
    .filter((file) => !linked.has(path.posix.dirname(file)))
    .map((file) => `${file}: no page links to it`);
}
