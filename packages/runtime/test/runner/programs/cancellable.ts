import { setTimeout as sleep } from 'node:timers/promises';
import { runAction } from '../../../src/index.ts';

/** INPUT_HOW tells how this action takes its cancellation. */
await runAction({
  name: 'cancellable',
  main: async ({ inputs, log, clock, signal, state }) => {
    state.save('begun', true);
    // Fetches, watches and timers that nobody waits for end with the job too.
    void sleep(60_000, undefined, { signal });
    void clock.sleep(60_000, signal);
    log.info('ready');
    switch (inputs.get('how')) {
      case 'listens':
        await clock.sleep(60_000, signal).finally(() => log.info('tidied up'));
        break;
      case 'tidies-up-slowly':
        await clock
          .sleep(60_000, signal)
          .finally(() => sleep(300).then(() => log.info('tidied up')));
        break;
      case 'wraps':
        await sleep(60_000, undefined, { signal }).catch((error: unknown) => {
          throw new Error('The watch ended.', { cause: error });
        });
        break;
      default:
        await sleep(60_000);
    }
  },
  post: async ({ state, log }) => {
    const begun = state.load('begun', (value) => value === true);
    await sleep(50);
    log.info(`post finished, main had begun: ${String(begun)}`);
  },
});
