import type { GoModule } from '../graph/index.ts';
import type { Target } from '../target/index.ts';
import type { GivenName } from './program/program-name.ts';

/** A `package main` that can be built for one target. */
export interface MainPackage {
  importPath: string;
  /** What the program is called, without `.exe`. */
  name: string;
  /** What `go build` calls it. */
  goName: string;
  /** What `go build` is given for it: the import path, or the files that were named. */
  sources: readonly string[];
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
  /** What mains are called, where the user says so. */
  names?: readonly GivenName[];
  signal?: AbortSignal;
}
