import { ActionError, runAction } from '../../../src/index.ts';

/** What a pod, a commit or a server might say. */
const text = [
  'first',
  '::add-mask::a',
  '\u0085::error::forged',
  ' ##[error]forged',
  '##[group]forged',
  'x\r::stop-commands::token\rb',
  '\u2028::warning::forged',
  '%0A::notice::forged',
].join('\n');
const forgedTitle = 'T::x,file=/etc/passwd\n::error::forged';

await runAction({
  name: 'hostile',
  main: async ({ log, outputs, summary, exportVariable, state }) => {
    log.debug(text);
    log.info(text);
    await log.group(forgedTitle, async () => {
      await log.group(forgedTitle, () => Promise.resolve(log.info('inside')));
    });
    for (const level of ['notice', 'warning', 'error'] as const)
      log[level](`${level} ${text}`, { title: forgedTitle, file: forgedTitle, startLine: 3 });
    outputs.set('said', `${text}\nEOF\nother=forged\nother<<X\nforged\nX\n`);
    exportVariable('SAID', `${text}\nother=forged`);
    state.save('said', text);
    await summary.append(text);
    throw new ActionError(text, {
      title: forgedTitle,
      next: text,
      cause: new Error(`why\n${text}`),
    });
  },
});
