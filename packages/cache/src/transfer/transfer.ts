/**
 * What became of asking for an entry. `missing` is an answer, and so is `damaged`: it came and could not be unpacked.
 * `failed` is none: the service was away, or refused. `why` is a sentence for people.
 */
export type Fetched =
  | { kind: 'found'; key: string }
  | { kind: 'missing' }
  | { kind: 'damaged'; why: string }
  | { kind: 'failed'; why: string };

/** What became of saving an entry. `taken`: another job saved this key already. */
export type Stored =
  | { kind: 'stored'; packedBytes: number }
  | { kind: 'taken' }
  | { kind: 'denied' }
  | { kind: 'failed'; why: string };

/** Bytes that went over the network since this process began. */
export interface Traffic {
  received: number;
  sent: number;
}

/**
 * The way to the cache service. An entry is a flat folder of files. Nothing here has a time limit: who waits gives
 * up by racing a call, which goes on until this process ends. No call throws.
 */
export interface Transfer {
  /**
   * Puts the files of the first key's entry, else of the newest that begins with one of the other keys, into
   * `arrivals`. Names of files come from the entry, and so do links: look before you read. At most ten keys.
   */
  fetch(keys: readonly string[]): Promise<Fetched>;
  /** Whether an entry has exactly this key; false also when the service does not say. */
  exists(key: string): Promise<boolean>;
  /** Saves the files of a folder that `departure` made. One call at a time. */
  store(key: string, folder: string): Promise<Stored>;
  /** Where fetched files lie: absolute, and this process's own. */
  arrivals: string;
  /** Makes an empty folder for files that are to be saved. */
  departure(): string;
  traffic(): Traffic;
  /** Bytes of the archive that is being sent; 0 until it is packed. */
  packedBytes(): number;
}
