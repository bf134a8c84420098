export type { ArchivedFile, ArchiveEntry } from './archive-entry.ts';
export { ArchiveError } from './archive-error.ts';
export type { ArchiveLimits } from './archive-limits.ts';
export { archive, type ArchiveFormat } from './archive.ts';
export { gzip } from './gzip.ts';
export { readTarGz } from './tar-reader.ts';
export { tar } from './tar-writer.ts';
export { readZip, type ReadZipOptions } from './zip-reader.ts';
export { zip } from './zip-writer.ts';
