export type { ArchivedFile, ArchiveEntry, StoredFile } from './archive-entry.ts';
export { ArchiveError } from './archive-error.ts';
export type { ArchiveLimits } from './archive-limits.ts';
export {
  archive,
  writeArchive,
  type ArchiveFormat,
  type ArchiveOptions,
  type WrittenArchive,
} from './archive.ts';
export type { TarEntry } from './tar-entries.ts';
export { readTarGz, readTarGzEntries } from './tar-reader.ts';
export { tarChunks } from './tar-writer.ts';
export { readZip, type ReadZipOptions } from './zip-reader.ts';
