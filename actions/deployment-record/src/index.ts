import { runAction } from '@slipway/runtime';
import { main } from './main.ts';

await runAction({ name: 'deployment-record', main });
