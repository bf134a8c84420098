import { describe, expect, jest, test } from '@jest/globals';
import { optionsPlace } from '../options-chart.ts';

jest.setTimeout(300_000);

describe.each(['v4', 'v3'] as const)('with Helm %s', (major) => {
  const place = optionsPlace('outcomes', major);

  test('a release that is not waited for is deployed without serving, and left alone', async () => {
    const inputs = { release: 'unwaited', wait: 'false', set: 'replicas=1\nimage=REGISTRY/none:1' };
    const { main } = await place.step(inputs);
    expect(main.outputs).toMatchObject({ status: 'deployed', changed: 'true', reason: '' });
    const again = await place.step(inputs);
    expect(again.main.outputs).toMatchObject({ status: 'deployed', changed: 'false', reason: '' });
  });

  test('hooks are run, or not where that is asked for', async () => {
    const inputs = { release: 'hooked', set: 'hook=true' };
    const failed = await place.step(inputs);
    expect(failed.main.outputs).toMatchObject({ status: 'uninstalled', 'rolled-back': 'true' });
    const { main } = await place.step({ ...inputs, hooks: 'false' });
    expect(main.outputs).toMatchObject({ status: 'deployed', changed: 'true', reason: '' });
  });

  test('a failed upgrade stays for somebody to look at, where that is asked for, and the next one works', async () => {
    const good = { release: 'kept', set: 'replicas=1' };
    await place.step(good);
    const bad = {
      release: 'kept',
      timeout: '10m',
      set: 'replicas=1\nimage=REGISTRY/slipway/none:1',
    };
    const { main } = await place.step({ ...bad, 'keep-failed': 'true' });
    expect(main.exitCode).toBe(1);
    expect(main.outputs).toMatchObject({
      status: 'failed',
      changed: 'true',
      'rolled-back': 'false',
    });
    expect(main.outputs['reason']).toMatch(/ErrImagePull|ImagePullBackOff/);
    expect(main.summary).toContain('left failed, as keep-failed asks');
    expect(await place.fixture.history('kept')).toEqual(['deployed', 'failed']);
    const image = 'jsonpath={.spec.template.spec.containers[0].image}';
    expect(await place.get('deployment', 'kept', '-o', image)).toContain('slipway/none:1');
    expect((await place.step(good)).main.outputs).toMatchObject({
      status: 'deployed',
      changed: 'true',
    });
  });

  test('a first install that failed stays as well, also when its job is killed', async () => {
    const bad = { release: 'first', set: 'replicas=1\nimage=REGISTRY/slipway/none:1' };
    const { main, post } = await place.fixture.step(
      { chart: 'chart', timeout: '10m', 'keep-failed': 'true', ...bad },
      { workspace: place.workspace, signals: [{ signal: 'SIGKILL', afterLine: /new pods ready/ }] },
    );
    expect(main.exitCode).toBe(137);
    expect(post.exitCode).toBe(0);
    expect(await place.fixture.history('first')).toEqual(['failed']);
  });

  test('an object of nobody is taken over only where that is asked for', async () => {
    const { namespace, kubectl } = place.fixture;
    await kubectl('create', 'configmap', 'owned', '-n', namespace);
    const refused = await place.step({ release: 'owned' });
    expect(refused.main.exitCode).toBe(1);
    expect(refused.main.annotations.at(0)?.message).toContain('take-ownership: true');
    const { main } = await place.step({ release: 'owned', 'take-ownership': 'true' });
    expect(main.outputs).toMatchObject({ status: 'deployed', changed: 'true' });
  });

  test.each([
    ['Pod', 'v1'],
    ['Job', 'batch/v1'],
  ])('tests of the chart (a %s) have to pass, where that is asked for', async (kind, api) => {
    const release = `tested-${kind.toLowerCase()}`;
    const tests = (code: number): string =>
      JSON.stringify([
        {
          ...{ api, kind, name: 'smoke' },
          env: [
            { name: 'EXIT_AFTER', value: '0' },
            { name: 'EXIT_CODE', value: String(code) },
            { name: 'PRINT', value: 'checkout answers 500' },
          ],
        },
      ]);
    const good = { release, test: 'true', 'set-json': `tests=${tests(0)}` };
    const { main } = await place.step({ ...good, set: 'a=1' });
    expect(main.outputs).toMatchObject({ status: 'deployed', changed: 'true', reason: '' });
    expect(main.stdout).toContain('1 test of the chart passed');
    const untested = await place.step({ release, 'set-json': `tests=${tests(4)}`, set: 'a=2' });
    expect(untested.main.outputs).toMatchObject({ status: 'deployed', changed: 'true' });
    const bad = await place.step({ ...good, 'set-json': `tests=${tests(4)}`, set: 'a=3' });
    expect(bad.main.exitCode).toBe(1);
    expect(bad.main.outputs['reason']).toMatch(
      new RegExp(`tests of the chart failed: pod/${release}-smoke.*exit code 4`),
    );
    expect(bad.main.outputs).toMatchObject({ status: 'deployed', 'rolled-back': 'true' });
    expect(bad.main.summary).toContain('checkout answers 500');
    const values = await place.get('configmap', release, '-o', 'jsonpath={.data.values}');
    expect(JSON.parse(values)).toMatchObject({ a: 2 });
  });

  test('a release is taken away with its history where that is asked for, and so is none', async () => {
    await place.step({ release: 'leaving', set: 'replicas=1' });
    const inputs = { release: 'leaving', chart: '', uninstall: 'true', set: '' };
    const { main, post } = await place.fixture.step(inputs);
    expect(main.exitCode).toBe(0);
    expect(main.outputs).toMatchObject({ status: 'uninstalled', changed: 'true', revision: '' });
    expect(main.summary).toContain('uninstalled');
    expect(post.exitCode).toBe(0);
    expect(await place.fixture.history('leaving')).toEqual([]);
    expect(await place.get('deployment', '-l', 'app=leaving', '-o', 'name')).toBe('');
    // Helm waits for what the chart made; the pods of a deployment end behind it.
    const { namespace, kubectl } = place.fixture;
    await kubectl('wait', '-n', namespace, '--for=delete', 'pod', '-l', 'app=leaving');
    expect(await place.get('lease', '-o', 'name')).toBe('');
    const again = await place.fixture.step(inputs);
    expect(again.main.exitCode).toBe(0);
    expect(again.main.outputs).toMatchObject({ status: 'uninstalled', changed: 'false' });
  });
});
