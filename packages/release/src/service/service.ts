/** One deployable Go program of the repository. Paths are relative to its root, with `/`. */
export interface Service {
  /** DNS label: image name, Helm release, workload. */
  name: string;
  /** Its folder; `.` for the root. */
  path: string;
  /** Folder of the module that it is built in; `.` for the root. */
  workingDirectory: string;
  /** The main package, as `go build` takes it in `workingDirectory`: `./services/api`. */
  package: string;
  /** Folder of the main package; `.` for the root. */
  mainFolder: string;
  /** The go.mod, or the go.work that uses it, which says the Go version. */
  goVersionFile: string;
  /** `off` when a go.work above the module does not use it, so that go refuses to build it otherwise. */
  goWork: '' | 'off';
  /** Build tags. */
  tags: readonly string[];
  /** The chart's folder, or the empty string. */
  chart: string;
  /** What is built, `GOOS/GOARCH`. */
  targets: readonly string[];
  /** Handed to go-cross-build. */
  cgo: string;
  /** Whether an image is pushed. */
  image: boolean;
  /** Folders outside `path` whose changes concern this service, such as a chart it depends on by file. */
  sharedPaths: readonly string[];
  /** Globs of the files that its image or archives hold besides the program, see `packedFiles`. */
  packedFiles: readonly string[];
  /** Value files that exist, by environment. */
  valueFiles: Readonly<Record<string, string>>;
  /** What verify-health watches. */
  workload: string;
}

/** Whether a target has the form `GOOS/GOARCH`, with an optional variant as in `linux/arm/v7`. */
export function isTarget(text: string): boolean {
  return /^[a-z0-9]{1,12}\/[a-z0-9]{1,12}(?:\/[a-z0-9]{1,12})?$/.test(text);
}
