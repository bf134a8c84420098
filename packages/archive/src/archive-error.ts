import { ActionError, errorMessage } from '@slipway/runtime';

/**
 * An archive cannot be read: it is damaged, cut off, larger than it may be, or has names that lead
 * elsewhere; or it cannot be written. The message begins with the archive's name.
 */
export class ArchiveError extends ActionError {
  /** What is wrong, to be put behind the archive's name or `it`: `is damaged …`, `holds more than …`. */
  readonly why: string;

  constructor(archive: string, why: string, options: { next?: string; cause?: unknown } = {}) {
    super(`${archive} ${why}.`, { title: 'Archive refused', ...options });
    this.name = 'ArchiveError';
    this.why = why;
  }
}

/** What a library threw while it read `archive`, as an error that names it. */
export function asArchiveError(archive: string, error: unknown): ArchiveError {
  if (error instanceof ArchiveError) return error;
  const why = errorMessage(error).replace(/\.$/, '');
  return new ArchiveError(archive, `is damaged or cut off (${why})`, { cause: error });
}
