/** One file that a layer would keep. */
export interface LayerFile {
  /** Relative to the layer's folder, with slashes. */
  path: string;
  bytes: number;
  /** When it was made or used last, in milliseconds since 1970. */
  timeMs: number;
}

/**
 * A kind of cached files. Only paths that it accepts are ever packed or written: nothing else in a
 * folder (credentials, links, a stranger's files) can enter a cache entry or leave one.
 */
export interface Layer {
  name: 'modules' | 'build';
  /** Absolute. */
  folder: string;
  accepts(path: string): boolean;
  /** Whether a content with this SHA-256 (hexadecimal) can be what a file of this path must hold. */
  isIntact(path: string, sha256: string): boolean;
  /** The time that restored files get, in milliseconds since 1970; the present when absent. */
  restoredMtimeMs?: number;
}
