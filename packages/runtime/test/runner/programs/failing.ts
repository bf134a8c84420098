import {
  ActionError,
  CredentialLeftError,
  InputError,
  runAction,
  type Run,
} from '../../../src/index.ts';

/** Fails as INPUT_HOW says, or in post as the state says. */
async function fail(how: string, { log, inputs, maskSecret }: Run): Promise<void> {
  await Promise.resolve();
  switch (how) {
    case 'input':
      throw new InputError('Bad inputs:\n  a: wrong\n  b: wrong');
    case 'action':
      throw new ActionError('helm failed:\nError: no such chart', {
        title: 'No chart',
        next: 'Check chart.',
        cause: new Error('EOF'),
      });
    case 'told-already':
      log.error('The pod api-1 crashed.', { title: 'Crash' });
      throw new ActionError('The pod api-1 crashed.');
    case 'secret':
      maskSecret('hunter2-hunter2');
      log.info('token hunter2-hunter2');
      throw new Error('no access with hunter2-hunter2');
    case 'rejection':
      void Promise.reject(new Error('nobody waited'));
      await new Promise((resolve) => setTimeout(resolve, 60_000));
      break;
    case 'exception':
      setImmediate(() => {
        throw new Error('nobody caught');
      });
      await new Promise((resolve) => setTimeout(resolve, 60_000));
      break;
    case 'credential':
      throw new CredentialLeftError('The kubeconfig could not be removed.');
    case 'reads-inputs':
      inputs.get('how');
      break;
    case 'open-handle':
      setInterval(() => undefined, 1_000);
      log.info('x'.repeat(1_000_000));
      log.info('the end');
      break;
  }
}

await runAction({
  name: 'failing',
  main: (run) => {
    const how = run.inputs.get('how');
    run.state.save('how', how);
    return fail(how, run);
  },
  post: (run) => fail(run.state.load('how', (value) => typeof value === 'string') ?? '', run),
});
