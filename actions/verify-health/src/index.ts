import { runAction } from '@slipway/runtime';
import { main } from './main.ts';
import { post } from './post.ts';

await runAction({ name: 'verify-health', main, post });
