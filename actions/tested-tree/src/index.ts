import { runAction } from '@slipway/runtime';
import { main } from './main.ts';

await runAction({ name: 'tested-tree', main });
