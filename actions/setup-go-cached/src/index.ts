import { runAction } from '@slipway/runtime';
import { cacheProcessArgument } from './cache-command.ts';
import { main } from './main.ts';
import { post } from './post.ts';

if (process.argv.includes(cacheProcessArgument)) {
  // Loaded only here: what the process needs would make the action itself start more slowly.
  const { runCacheProcess } = await import(/* webpackMode: "eager" */ '@slipway/cache/process');
  await runCacheProcess(process);
} else await runAction({ name: 'setup-go-cached', main, post });
