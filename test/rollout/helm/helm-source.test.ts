import * as fs from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { commitLabel, deployedCommits } from '@slipway/helm';
import { runBundle } from '@slipway/testing';
import { makeRepository, type Repository } from '../../../packages/helm/test/source/repository.ts';
import { ensureBundles } from '../../../tools/bundle/fresh-bundles.ts';
import { openHelmFixture, type HelmFixture, type StepRun } from '../helm-fixture.ts';

jest.setTimeout(300_000);

const charts = path.resolve(import.meta.dirname, '..', '..', 'fixtures', 'charts');

describe.each(['v4', 'v3'] as const)(
  'with Helm %s a release that is deployed from commits',
  (major) => {
    let fixture: HelmFixture;
    let repository: Repository;
    let first: string, second: string, third: string;
    beforeAll(async () => {
      fixture = await openHelmFixture('source', major);
      await ensureBundles(['verify-health']);
      repository = await makeRepository();
      await fs.cp(charts, path.join(repository.work, 'charts'), { recursive: true });
      await repository.git(repository.work, 'add', '.');
      first = await repository.commit('Sell rope');
      second = await repository.commit('Sell sails');
      third = await repository.commit('Sell anchors');
    });
    afterAll(async () => {
      await repository.close();
      await fixture.close();
    });

    type Options = NonNullable<Parameters<HelmFixture['step']>[1]>;

    const deploy = (
      commit: string,
      inputs: Readonly<Record<string, string>> = {},
      options: Options = {},
    ): Promise<StepRun> =>
      fixture.step(
        { 'source-commit': commit, set: `message=${commit.slice(0, 7)}`, ...inputs },
        { workspace: repository.work, ...options },
      );

    /** The commit on each revision, the oldest first, in Helm's own storage. */
    async function stamps(release: string): Promise<readonly string[]> {
      const selector = [
        '-l',
        `owner=helm,name=${release}`,
        '--sort-by=.metadata.creationTimestamp',
      ];
      const columns = `custom-columns=C:.metadata.labels.${commitLabel.replace('.', '\\.')}`;
      const args = ['get', 'secrets', '-n', fixture.namespace, '--no-headers', ...selector];
      return (await fixture.kubectl(...args, '-o', columns)).trim().split('\n');
    }

    test('is not deployed from an older one, unless that is asked for by name', async () => {
      const release = 'ordered';
      const initial = await deploy(first, { release });
      expect(initial.main.outputs).toMatchObject({
        ...{ status: 'deployed', 'source-commit': first, 'deployed-commit': '' },
      });
      const next = await deploy(third, { release, description: 'Anchors' });
      expect(next.main.outputs).toMatchObject({ changed: 'true', 'deployed-commit': first });
      expect(await fixture.helm('history', release)).toContain(
        `Anchors (commit ${third.slice(0, 12)})`,
      );

      const stale = await deploy(second, { release });
      expect(stale.main.exitCode).toBe(1);
      expect(stale.main.outputs).toMatchObject({
        ...{ 'reason-code': 'StaleCommit', 'deployed-commit': third },
        reason: expect.stringMatching(
          new RegExp(
            `${third.slice(0, 12)} "Sell anchors" .*overwritten by the older ${second.slice(0, 12)} "Sell sails"`,
          ),
        ),
      });
      expect(stale.main.summary).toContain('allow-older');
      expect(await fixture.history(release)).toEqual(['superseded', 'deployed']);

      const asked = await deploy(second, { release, 'allow-older': 'true' });
      expect(asked.main.outputs).toMatchObject({ changed: 'true', 'deployed-commit': third });
      expect(await stamps(release)).toEqual([first, third, second]);
      const found = await deployedCommits(fixture.kube, fixture.namespace);
      expect(found.get(release)).toMatchObject({
        ...{ revision: 3, stamp: { kind: 'commit', commit: second } },
      });
    });

    test('has the earlier commit back after every kind of rollback, and takes the newer one again', async () => {
      const release = 'returning';
      await deploy(first, { release });
      const bad = await deploy(second, { release, set: 'image=REGISTRY/slipway/none:1' });
      expect(bad.main.summary).toContain('rolled back to revision 1 and proven');
      expect(await stamps(release)).toEqual([first, second, first]);
      const mended = await deploy(second, { release });
      expect(mended.main.outputs).toMatchObject({ status: 'deployed', 'deployed-commit': first });
      await fixture.helm('rollback', release, '1', '--wait');
      expect((await stamps(release)).at(-1)).toBe(first);
      const again = await deploy(second, { release });
      expect(again.main.outputs).toMatchObject({ changed: 'true', 'deployed-commit': first });
    });

    test('has the earlier commit back after a rollback of verify-health, and takes an older one no more than before', async () => {
      const release = 'verified';
      await deploy(second, { release });
      const bad = { release, wait: 'false', set: 'image=REGISTRY/slipway/none:1' };
      expect((await deploy(third, bad)).main.outputs).toMatchObject({ status: 'deployed' });
      const { namespace, kubeconfigText: kubeconfig, path: PATH } = fixture;
      const verified = await runBundle({
        action: 'verify-health',
        env: { PATH },
        timeoutMs: 180_000,
        inputs: {
          ...{ namespace, kubeconfig, release, workload: `deployment/${release}`, probes: 'none' },
          ...{ 'on-unhealthy': 'rollback', 'min-soak': '1s', deadline: '60s' },
        },
      });
      expect(verified.outputs).toMatchObject({ verdict: 'unhealthy', 'rolled-back': 'true' });
      expect(await stamps(release)).toEqual([second, third, second]);
      const stale = await deploy(first, { release });
      expect(stale.main.outputs).toMatchObject({ 'reason-code': 'StaleCommit' });
      const again = await deploy(third, { release });
      expect(again.main.outputs).toMatchObject({ changed: 'true', 'deployed-commit': second });
    });

    test('is stamped anew by a commit that changes nothing of it, and Helm keeps that', async () => {
      const release = 'unchanged';
      const set = 'message=same';
      await deploy(first, { release, set });
      const same = await deploy(third, { release, set });
      expect(same.main.outputs).toMatchObject({ changed: 'false', revision: '1' });
      expect(await stamps(release)).toEqual([third]);
      const stale = await deploy(second, { release });
      expect(stale.main.outputs).toMatchObject({ 'reason-code': 'StaleCommit' });
      await fixture.helm('upgrade', release, path.join(charts, 'web'), '--reuse-values');
      expect(await stamps(release)).toEqual([third, third]);
    });

    test('is deployed by the newer of two jobs at once, whichever comes last', async () => {
      const release = 'raced';
      await deploy(first, { release });
      let begun: () => void = () => undefined;
      const upgrading = new Promise<void>((resolve) => {
        begun = resolve;
      });
      const onOutput = (piece: string): void => {
        if (piece.includes('Upgrading raced')) begun();
      };
      const newer = deploy(third, { release }, { onOutput });
      await Promise.race([upgrading, newer]);
      const late = deploy(second, { release });
      const [won, lost] = await Promise.all([newer, late]);
      expect(won.main.outputs).toMatchObject({ status: 'deployed', changed: 'true' });
      expect(lost.main.outputs).toMatchObject({
        ...{ 'reason-code': 'StaleCommit', 'deployed-commit': third },
      });
      expect(await stamps(release)).toEqual([first, third]);
    });

    test('is compared in a clone of one commit, too, and not where nobody can tell', async () => {
      const release = 'shallow';
      await deploy(second, { release });
      const clone = await repository.shallowClone(`clone-${major}`, first);
      const stale = await deploy(first, { release }, { workspace: clone });
      expect(stale.main.outputs).toMatchObject({ 'reason-code': 'StaleCommit' });
      const alone = await repository.shallowClone(`alone-${major}`, third);
      await repository.git(alone, 'remote', 'remove', 'origin');
      const unknown = await deploy(third, { release }, { workspace: alone });
      expect(unknown.main.outputs).toMatchObject({ 'reason-code': 'CommitUnknown' });
      const warned = { release, 'source-check': 'warn' };
      const { main } = await deploy(third, warned, { workspace: alone });
      expect(main.outputs).toMatchObject({ status: 'deployed', changed: 'true' });
      expect(main.annotations.map(({ message }) => message).join()).toContain('cannot be told');
    });

    test('is deployed from any commit again once it was uninstalled', async () => {
      const release = 'gone';
      await deploy(third, { release });
      await deploy(first, { release, uninstall: 'true' });
      const { main } = await deploy(first, { release });
      expect(main.outputs).toMatchObject({ status: 'deployed', 'deployed-commit': '' });
    });
  },
);
