export { startCacheService, type CacheServer, type CacheServerOptions } from './cache-server.ts';
export type { CacheServerStats } from './cache-stats.ts';
export type { Fault } from './faults.ts';
export type { CacheScope } from './runtime-token.ts';
