import type { GoModule } from '../graph/index.ts';
import type { Target } from '../target/index.ts';

/** A `package main` that can be built for one target. */
export interface MainPackage {
  importPath: string;
  /** The program's name as `go build` makes it, without `.exe`. */
  name: string;
  dir: string;
  /** The package for whose C code it is built with cgo; undefined when it is built without. */
  cgoFor: string | undefined;
  /** The same program without cgo, when its packages load without as well. */
  withoutCgo?: MainPackage;
  /** Its Go files, those with C code among them; absolute. */
  files: readonly string[];
  /** Import paths of all that is compiled for it, itself and the standard library included. */
  packages: readonly string[];
  /** The modules it is linked from. */
  modules: readonly GoModule[];
}

/** The name that `go build` gives a program (go/src/cmd/go/internal/load: DefaultExecName). */
export function programName(importPath: string): string {
  const parts = importPath.split('/');
  const last = parts.at(-1) ?? importPath;
  const isMajorVersion = parts.length > 1 && /^v(?:[2-9]|[1-9]\d+)$/.test(last);
  return isMajorVersion ? (parts.at(-2) ?? last) : last;
}

/**
 * Whether C code is built: where there is no other way (`auto`), wherever a package has some (`present`),
 * for every program (`true`), or never (`false`).
 */
export type CgoMode = 'auto' | 'present' | 'true' | 'false';

/** Which mains are looked for. */
export interface MainSearch {
  dir: string;
  patterns: readonly string[];
  target: Target;
  cgo: CgoMode;
  tags: readonly string[];
  signal?: AbortSignal;
}
