import type { ArchiveFormat } from '@slipway/archive';

/** What archives may be, by their ending. */
export const archiveFormats = ['tar.gz', 'tar.zst', 'zip'] as const satisfies ArchiveFormat[];

/** A format for each system that has one of its own; under the empty name that of all others. */
export type ArchiveFormats = Readonly<Record<string, ArchiveFormat>> & { '': ArchiveFormat };

/** What people on each system can unpack without installing anything. */
export const usualFormats: Record<string, ArchiveFormat> & { '': ArchiveFormat } = {
  '': 'tar.gz',
  windows: 'zip',
};

/** The format of a system's archives. */
export function formatFor(formats: ArchiveFormats, goos: string): ArchiveFormat {
  return (Object.hasOwn(formats, goos) ? formats[goos] : undefined) ?? formats[''];
}
