import { runCacheProcess } from '../src/cache-process.ts';

// What an action's bundle is in production: the process that tests have restore and save.
await runCacheProcess(process);
