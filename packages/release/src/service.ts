/** One deployable Go program of the repository. Paths are relative to its root, with `/`. */
export interface Service {
  /** DNS label: image name, Helm release, workload. */
  name: string;
  path: string;
  /** The main package, as `go build` takes it from the root: `./services/api`. */
  package: string;
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
  /** Value files that exist, by environment. */
  valueFiles: Readonly<Record<string, string>>;
  /** What verify-health watches. */
  workload: string;
}

/** Longest name of a Helm release (helm: pkg/chart/common/util, ValidateReleaseName). */
export const maxServiceNameLength = 53;

/** Whether a folder's name can be a service's. */
export function isServiceName(name: string): boolean {
  return name.length <= maxServiceNameLength && /^[a-z](?:[-a-z0-9]*[a-z0-9])?$/.test(name);
}
