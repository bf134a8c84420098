/** One file that a layer would keep. */
export interface LayerFile {
  /** Relative to the layer's folder, with slashes. */
  path: string;
  bytes: number;
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
  /** Whether `content` is what a file of this path must hold; all that can be told from the two. */
  isIntact(path: string, content: Buffer): boolean;
  /** How a file is packed. */
  codec(path: string): 'zstd' | 'none';
  /** The time that restored files get, in milliseconds since 1970; the present when absent. */
  restoredMtimeMs?: number;
  /** The longest that restoring `rawBytes` may take before doing without is quicker. */
  worthMs(rawBytes: number): number;
}
