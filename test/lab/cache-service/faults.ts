/** What a request asks of the service. `any` in a fault matches all of them. */
export type Operation =
  | 'CreateCacheEntry'
  | 'FinalizeCacheEntryUpload'
  | 'GetCacheEntryDownloadURL'
  | 'blob-get'
  | 'blob-head'
  | 'blob-put'
  | 'block-put'
  | 'block-list'
  | 'v1-find'
  | 'v1-reserve'
  | 'v1-upload'
  | 'v1-commit';

/** One way to go wrong, used up after `times` requests. */
export interface Fault {
  operation: Operation | 'any';
  /** Spares the first `skip` matching requests; 0 by default. */
  skip?: number;
  /** How many matching requests go wrong; 1 by default. */
  times?: number;
  /** Answers with this status and no useful body. */
  status?: number;
  retryAfterSeconds?: number;
  /** Cuts the connection after this many bytes of the answer's body (or, for a PUT, of the request's). */
  dropAfterBytes?: number;
  /** Flips one bit of the answer's body at this offset. */
  corruptAtByte?: number;
  /** Does nothing for this long before answering as usual. */
  stallMs?: number;
  /** Takes the request and never answers it. */
  silent?: boolean;
}

/** The faults that are still to come. */
export interface FaultQueue {
  add(fault: Fault): void;
  take(operation: Operation): Fault | undefined;
}

/** An empty queue. A request meets at most one fault: the oldest that matches. */
export function createFaultQueue(): FaultQueue {
  const pending: { fault: Fault; skip: number; times: number }[] = [];
  return {
    add: (fault) => {
      pending.push({ fault, skip: fault.skip ?? 0, times: fault.times ?? 1 });
    },
    take: (operation) => {
      for (const entry of pending) {
        if (entry.fault.operation !== 'any' && entry.fault.operation !== operation) continue;
        if (entry.times <= 0) continue;
        if (entry.skip > 0) {
          entry.skip -= 1;
          continue;
        }
        entry.times -= 1;
        return entry.fault;
      }
      return undefined;
    },
  };
}
