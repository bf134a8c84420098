import { runAction } from '../../../src/index.ts';

const isNumber = (value: unknown): value is number => typeof value === 'number';

/** Tries to save what must not be saved, and what may. */
await runAction({
  name: 'state',
  main: async ({ state, log, maskSecret }) => {
    maskSecret('hunter2-hunter2');
    maskSecret('orders');
    const values: Record<string, unknown> = {
      token: 'x',
      nested: { a: [{ clientSecret: 'x' }] },
      masked: { note: 'it is hunter2-hunter2' },
      masked64: Buffer.from('hunter2-hunter2').toString('base64'),
      key: '-----BEGIN EC PRIVATE KEY-----\nx',
      jwt: `eyJ${'a'.repeat(20)}.${'b'.repeat(20)}.c`,
      github: `ghp_${'a'.repeat(36)}`,
      huge: 'x'.repeat(70_000),
      kubeconfigPath: '/tmp/kubeconfig',
      answer: 42,
      named: { release: 'orders', revisions: { 'shop/deployment/orders': '5d8f' } },
    };
    for (const [name, value] of Object.entries(values)) {
      try {
        state.save(name, value, name === 'named' ? ['orders', 'shop/deployment/orders'] : []);
        log.info(`saved ${name}`);
      } catch (error) {
        log.info(`refused ${name}: ${(error as Error).message.split(/[,;]/)[0] ?? ''}`);
      }
    }
    await Promise.resolve();
  },
  post: async ({ state, log }) => {
    log.info(`answer ${String(state.load('answer', isNumber))}`);
    log.info(`path as number ${String(state.load('kubeconfigPath', isNumber))}`);
    log.info(`never saved ${String(state.load('never', isNumber))}`);
    log.info(`old ${String(state.load('old', isNumber))}`);
    log.info(`broken ${String(state.load('broken', isNumber))}`);
    await Promise.resolve();
  },
});
