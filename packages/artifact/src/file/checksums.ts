/** Lines as `sha256sum` writes and `sha256sum --check` reads, sorted by name. */
export function renderChecksums(sums: readonly { name: string; sha256: string }[]): string {
  return [...sums]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, sha256 }) => `${sha256}  ${name}\n`)
    .join('');
}
