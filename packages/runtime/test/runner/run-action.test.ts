import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { runBundle, runnerGraceMs, type BundleOptions } from '@slipway/testing';

function run(program: string, options: Omit<BundleOptions, 'action' | 'entry'> = {}) {
  const entry = path.join(import.meta.dirname, 'programs', `${program}.ts`);
  return runBundle({ action: program, entry, ...options });
}

async function mainAndPost(how: string) {
  const main = await run('failing', { inputs: { how } });
  const post = await run('failing', { inputs: { how }, phase: 'post', after: main });
  return { main, post };
}

describe('hostile text in every place that prints', () => {
  test('makes no command, no annotation, no output and no variable of its own', async () => {
    const result = await run('hostile');
    expect(result.commands.map(({ name }) => name)).toEqual([
      'debug',
      'group',
      'endgroup',
      'notice',
      'warning',
      'error',
      'error',
      'debug',
    ]);
    expect(result.masks).toEqual([]);
    for (const { title, file, line } of result.annotations.slice(0, 3))
      expect([title, file, line]).toEqual([
        'T::x,file=/etc/passwd ::error::forged',
        'T::x,file=/etc/passwd ::error::forged',
        3,
      ]);
    expect(result.annotations[3]?.message).toMatch(
      /^hostile: first\n[^]*\nCause: [^]*\nNext: first\n/,
    );
    expect(Object.keys(result.outputs)).toEqual(['said']);
    expect(result.outputs['said']).toContain('x\r::stop-commands::token\rb');
    expect(Object.keys(result.exportedEnv)).toEqual(['SAID']);
    expect(Object.keys(result.state)).toEqual(['slipway_hostile_main', 'slipway_hostile_said']);
    expect(result.visible).not.toMatch(/^##\[(?!debug|group|endgroup|notice|warning|error\])/m);
    expect(result.visible.match(/##\[error\]/g)).toHaveLength(2);
  });
});

describe('main', () => {
  test('fails with a bad input: every problem, and nothing of our own code', async () => {
    const { main } = await mainAndPost('input');
    expect([main.exitCode, main.annotations]).toEqual([
      1,
      [{ level: 'error', message: 'failing: Bad inputs:\n  a: wrong\n  b: wrong' }],
    ]);
    expect(main.visible.replace(/^##\[debug\][^]*/m, '')).not.toContain('    at ');
  });

  test('fails with the cause, its title and what to do next', async () => {
    const { main } = await mainAndPost('action');
    expect(main.annotations).toEqual([
      {
        level: 'error',
        title: 'No chart',
        message: 'failing: helm failed:\nError: no such chart\nCause: EOF\nNext: Check chart.',
      },
    ]);
  });

  test('makes one annotation of one root cause', async () => {
    const { main } = await mainAndPost('told-already');
    expect(main.annotations).toEqual([
      { level: 'error', message: 'The pod api-1 crashed.', title: 'Crash' },
    ]);
    expect(main.stdout).toContain('\nfailing: The pod api-1 crashed.\n');
    expect(main.exitCode).toBe(1);
  });

  test('never prints a masked secret, whoever reads the log', async () => {
    const { main } = await mainAndPost('secret');
    const printed = main.stdout.replace(/^::add-mask::.*$/gm, '') + main.stderr;
    expect(printed).toContain('token ***');
    expect(printed).toContain('no access with ***');
    expect(printed).not.toContain('hunter2');
  });

  test.each([
    ['rejection', 'failing: nobody waited'],
    ['exception', 'failing: nobody caught'],
  ])('fails at once on an error that nobody waits for: %s', async (how, message) => {
    const { main } = await mainAndPost(how);
    expect([main.exitCode, main.annotations]).toEqual([1, [{ level: 'error', message }]]);
  });

  test('ends though something is still open, and all it said arrives', async () => {
    const { main, post } = await mainAndPost('open-handle');
    expect([main.exitCode, post.exitCode]).toEqual([0, 0]);
    expect(main.stdout).toMatch(/x{1000000}\nthe end\n$/);
  });
});

describe('post', () => {
  test.each(['input', 'action', 'rejection', 'exception'])('only warns on %s', async (how) => {
    const { post } = await mainAndPost(how);
    expect(post.exitCode).toBe(0);
    expect(post.annotations.map(({ level, message }) => [level, message.slice(0, 19)])).toEqual([
      ['warning', 'failing: post step:'],
    ]);
  });

  test('fails when a credential could not be removed', async () => {
    const { post } = await mainAndPost('credential');
    expect([post.exitCode, post.annotations]).toEqual([
      1,
      [{ level: 'error', message: 'failing: The kubeconfig could not be removed.' }],
    ]);
  });

  test('cannot read inputs, which may be those of another action by then', async () => {
    const { main, post } = await mainAndPost('reads-inputs');
    expect(main.exitCode).toBe(0);
    expect(post.annotations[0]?.message).toContain('post must not read inputs');
  });
});

describe('a cancelled main', () => {
  test.each([
    ['listens', true],
    ['tidies-up-slowly', true],
    ['wraps', false],
    ['ignores', false],
  ])('that %s hands over before the runner insists, and its post finishes', async (how, tidies) => {
    const main = await run('cancellable', {
      inputs: { how },
      signals: [{ signal: 'SIGINT', afterLine: 'ready' }],
    });
    expect([main.exitCode, main.annotations]).toEqual([130, []]);
    expect(main.sinceSignalMs).toBeLessThan(runnerGraceMs);
    expect(main.stdout).toContain('cancellable: The job was cancelled (SIGINT).');
    expect(main.stdout.includes('tidied up')).toBe(tidies);
    const post = await run('cancellable', { phase: 'post', after: main });
    expect(post).toMatchObject({
      exitCode: 0,
      stdout: 'post finished, main had begun: true\n',
    });
  });

  test('takes a second signal for the same wish', async () => {
    const main = await run('cancellable', {
      inputs: { how: 'tidies-up-slowly' },
      signals: [
        { signal: 'SIGINT', afterLine: 'ready' },
        { signal: 'SIGTERM', afterLine: 'ready' },
      ],
    });
    expect(main.exitCode).toBe(130);
    expect(main.stdout).toContain('tidied up');
  });
});
