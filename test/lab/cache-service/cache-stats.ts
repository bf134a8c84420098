import type { Operation } from './faults.ts';

/** What the service did since it started. Sizes in bytes. */
export interface CacheServerStats {
  requests: Partial<Record<Operation, number>>;
  bytesReceived: number;
  bytesSent: number;
  entries: { key: string; version: string; scope: string; size: number }[];
  storedBytes: number;
  evicted: number;
  rateLimited: number;
  writesDenied: number;
}
