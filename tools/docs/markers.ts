/**
 * `page` with what stands between `<!-- name:start -->` and `<!-- name:end -->` replaced. Throws when a
 * marker is missing.
 */
export function betweenMarkers(page: string, name: string, text: string): string {
  const [start, end] = [`<!-- ${name}:start -->`, `<!-- ${name}:end -->`];
  const [from, to] = [page.indexOf(start), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`it lacks the markers ${start} and ${end}`);
  return `${page.slice(0, from)}${start}\n${text}\n${page.slice(to)}`;
}
