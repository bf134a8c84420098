import { count, formatSize } from '@slipway/runtime';
import { ArchiveError } from './archive-error.ts';

/** How much an archive may unpack to; a small archive can hold terabytes (CWE-409). */
export interface ArchiveLimits {
  /** Entries of any kind. */
  entries: number;
  /** All files together, unpacked. */
  bytes: number;
}

/** Counts entries against the limits. The function throws ArchiveError for the one that is too many. */
export function entryCounter(archive: string, limits: ArchiveLimits): (bytes: number) => void {
  let entries = 0;
  let total = 0;
  return (bytes) => {
    entries += 1;
    total += bytes;
    if (entries > limits.entries)
      throw new ArchiveError(
        archive,
        `holds more than ${count(limits.entries, 'entry', 'entries')}`,
      );
    if (total > limits.bytes) throw tooLarge(archive, limits);
  };
}

/** It unpacks to more than it may. */
export function tooLarge(archive: string, limits: ArchiveLimits): ArchiveError {
  return new ArchiveError(archive, `unpacks to more than ${formatSize(limits.bytes)}`);
}
