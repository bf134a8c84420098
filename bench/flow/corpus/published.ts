/** A module of others in one version, as a proxy serves it. */
export interface PublishedModule {
  path: string;
  version: string;
  requires: readonly string[];
  /** Sources by file, without the go.mod. */
  files: Readonly<Record<string, string>>;
}

function published(
  name: string,
  version: string,
  body: string,
  requires: readonly string[] = [],
): PublishedModule {
  return {
    path: `kit.example.org/${name}`,
    version,
    requires,
    files: { [`${name}.go`]: `package ${name}\n\n${body}\n` },
  };
}

/** `index` takes `stem`, of which the repository's own go.mod decides the version. */
export const publishedModules: readonly PublishedModule[] = [
  published('post', 'v1.0.0', 'func Send(to string) string { return "post to " + to }'),
  published('post', 'v1.1.0', 'func Send(to string) string { return "send to " + to }'),
  published('stem', 'v1.0.0', 'func Of(word string) string { return word }'),
  published('stem', 'v1.1.0', 'func Of(word string) string { return word + "-" }'),
  published(
    'index',
    'v1.0.0',
    'import "kit.example.org/stem"\n\nfunc Find(word string) string { return stem.Of(word) }',
    ['kit.example.org/stem v1.0.0'],
  ),
  published('check', 'v1.0.0', 'func Equal(a, b string) bool { return a == b }'),
  published('check', 'v1.1.0', 'func Equal(a, b string) bool { return b == a }'),
  published('lint', 'v1.0.0', 'func Name() string { return "lint" }'),
  published('lint', 'v1.1.0', 'func Name() string { return "lint 1.1" }'),
  published('clock', 'v1.0.0', 'func Now() string { return "noon" }'),
];
