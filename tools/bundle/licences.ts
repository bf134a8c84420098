/** Where ncc writes the licences of what it bundles, beside index.js. */
export const licenceFile = 'licenses.txt';

/** Name to text of the licences in `text`, as ncc writes them: package, licence's name, text, for each. */
function licencesOf(text: string, packages: readonly string[]): ReadonlyMap<string, string> {
  const known = new Set(packages);
  const lines = text.split('\n');
  const headings = lines.flatMap((line, index) =>
    (known.has(line) || line.startsWith('@slipway/')) && (index === 0 || lines[index - 1] === '')
      ? [index]
      : [],
  );
  return new Map(
    headings.map((start, at) => [
      lines[start] ?? '',
      lines.slice(start + 2, headings[at + 1]).join('\n'),
    ]),
  );
}

/** Those of `packages` that `text` names; what it says of others looks like any line of a licence. */
export function licensedPackages(text: string, packages: readonly string[]): readonly string[] {
  return [...licencesOf(text, packages).keys()];
}

/** Those of `packages` whose licence text is not in `text`. The name of a licence alone is no text. */
export function lackingLicences(text: string, packages: readonly string[]): readonly string[] {
  const licences = licencesOf(text, packages);
  return packages.filter(
    (name) => !/copyright|licen[cs]e|permission/i.test(licences.get(name) ?? ''),
  );
}
