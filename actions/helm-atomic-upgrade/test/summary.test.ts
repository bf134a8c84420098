import { describe, expect, test } from '@jest/globals';
import { SourceRefusedError, UnfinishedUpgradeError, type UpgradeResult } from '@slipway/helm';
import { KubeError } from '@slipway/kube';
import { ActionError, InputError, type Outputs } from '@slipway/runtime';
import { setErrorOutputs, setResultOutputs } from '../src/result-outputs.ts';
import { failureSummary, resultSummary } from '../src/summary.ts';

const operation = {
  ...{ release: 'api', namespace: 'shop', owner: 'this-job', before: 1, target: 1 },
  ...{ historyMax: 10, rollbackMs: 60_000, revisions: {}, images: {} },
  ...{ wait: true, hooks: true, keepFailed: false },
};

const result: UpgradeResult = {
  outcome: 'failed',
  status: 'deployed',
  revision: 2,
  previousRevision: 1,
  changed: false,
  rolledBack: false,
  reason: 'it did not work',
  attempts: 0,
  differences: [],
  leftAlone: [],
  recovered: undefined,
  parts: [],
};

describe('the summary of an upgrade that ended by an error', () => {
  const cut = (takenBy: string | undefined): Error =>
    new UnfinishedUpgradeError(operation, { cause: new Error('the server is away'), takenBy });

  test.each<[string, Error, string]>([
    ['a wrong input', new InputError('set: no'), 'nothing was changed'],
    ['a refusal before the first change', new ActionError('no'), 'nothing was changed'],
    ['an error after that', cut(undefined), 'the end of this job finishes or undoes it'],
    ['a lock that was taken', cut('other-job'), 'other-job goes on with the release'],
  ])('says what is true after %s', (_, error, words) => {
    expect(failureSummary('title', error)).toContain(words);
  });

  test('never says that nothing was changed once the change had begun', () => {
    for (const takenBy of [undefined, 'other-job']) {
      const markdown = failureSummary('title', cut(takenBy));
      expect(markdown).not.toContain('nothing was changed');
      expect(markdown).toContain('helm history api -n shop');
    }
  });
});

const lines = (markdown: string): readonly string[] =>
  markdown.replace(/<details>[\s\S]*?<\/details>\n*/g, '').split('\n');

/** A rollout that an image brought down, with everything that a summary can tell. */
const broken: UpgradeResult = {
  ...result,
  ...{ changed: true, rolledBack: true, proven: true, revision: 3, attempts: 2, recovered: 1 },
  reason: 'pod/api-7f9c-x: ImagePullBackOff: a:v2: not found',
  cause: {
    ...{ object: 'pod/api-7f9c-x', container: 'main', reason: 'ImagePullBackOff' },
    ...{ message: 'a:v2: not found', recovery: 'never', logTail: 'the last line' },
  },
  differences: ['Deployment/api changes', 'ConfigMap/settings changes'],
  leftAlone: ['Deployment/api differs at spec.replicas, set by kubectl'],
  parts: [
    'Lock',
    'Render',
    'Compare',
    'Trial',
    'CRDs',
    'Upgrade',
    'Upgrade, attempt 2',
    'Rollback',
  ].map((name) => ({ name, durationMs: 12.3 })),
  changes: {
    objects: [
      {
        object: 'Deployment/api',
        change: 'changed',
        fields: [
          { path: 'spec.template.spec.containers[main].image', before: 'a:v1', after: 'a:v2' },
        ],
      },
    ],
    diff: '~ Deployment/api',
    values: [
      { path: 'image.name', value: 'api', origin: 'chart', over: [], isSecret: false },
      {
        path: 'image.tag',
        value: 'v2',
        origin: 'set',
        over: ['chart', 'staging.yaml'],
        isSecret: false,
      },
      { path: 'password', value: '(secret 1a2b3c4d)', origin: 'values', over: [], isSecret: true },
    ],
    irreversible: ['PersistentVolumeClaim/data goes away: its data may go with it'],
  },
};

describe('the summary of a broken rollout', () => {
  const { markdown } = resultSummary('title', broken);

  test('names the change that brought it and the value behind that', () => {
    expect(markdown).toMatch(
      /\| brought by \| Deployment\/api<br>.*containers.*main.*image.*a:v1.*a:v2/,
    );
    expect(markdown).toMatch(/\| from values \| image\.tag .*v2.*chart .*staging\.yaml .*set/);
    expect(markdown).toContain('| not reversible | PersistentVolumeClaim/data goes away');
  });

  test('names the commits where one is deployed', () => {
    const [from, to] = ['a'.repeat(40), 'b'.repeat(40)] as const;
    const told = (deployedCommit?: string) =>
      resultSummary('title', { ...broken, deployedCommit }, to).markdown;
    expect(markdown).not.toContain('| commit |');
    expect(told(from)).toContain('| commit | aaaaaaaaaaaa → bbbbbbbbbbbb |');
    expect(told()).toContain('| commit | bbbbbbbbbbbb |');
  });

  test('has 25 lines at most when its details are folded', () => {
    expect(lines(markdown).length).toBeLessThanOrEqual(25);
  });

  test('folds the diff and the values, those of the user first', () => {
    expect(markdown).toContain('<summary>What changes &#40;1&#41;</summary>');
    const values = /<summary>Values and where[\s\S]*?<\/pre>/.exec(markdown)?.[0] ?? '';
    expect(values.indexOf('image.tag')).toBeLessThan(values.indexOf('image.name'));
    expect(values).toContain('password = (secret 1a2b3c4d)');
  });
});

describe('the outputs of an upgrade', () => {
  function outputsOf(set: (outputs: Outputs) => void): Readonly<Record<string, string>> {
    const told: Record<string, string> = {};
    const keep = (name: string, value: string): void => void (told[name] = value);
    set({ set: keep, setText: keep });
    return told;
  }

  test('tell its end, the proof of a rollback, the diff and the time of each part', () => {
    expect(outputsOf((outputs) => setResultOutputs(outputs, broken))).toMatchObject({
      'reason-code': 'ImagePullBackOff',
      proof: 'proven',
      diff: '~ Deployment/api',
      timings: expect.stringContaining('"upgrade-attempt-2":12'),
    });
    const fine: UpgradeResult = { ...result, reason: '', outcome: 'unchanged' };
    expect(outputsOf((outputs) => setResultOutputs(outputs, fine))).toMatchObject({
      ...{ 'reason-code': '', proof: '', diff: '', timings: '{}', reason: '' },
    });
  });

  test.each<[Partial<UpgradeResult>, string]>([
    [{ reason: 'not ready within 5m 00s (Helm)', attempts: 1 }, 'NotReady'],
    [{ reason: 'pre-upgrade hooks failed: job web failed', attempts: 1 }, 'HookFailed'],
    [{ reason: 'no', attempts: 1 }, 'HelmFailed'],
    [{ reason: 'the release is unchanged but not healthy: ' }, 'Unhealthy'],
  ])('have one word for %j', (more, code) => {
    const told = outputsOf((outputs) => setResultOutputs(outputs, { ...result, ...more }));
    expect(told['reason-code']).toBe(code);
  });

  test('tell the commit that was deployed, also where that refuses another', () => {
    const deployedCommit = 'a'.repeat(40);
    expect(
      outputsOf((outputs) => setResultOutputs(outputs, { ...result, deployedCommit })),
    ).toMatchObject({ 'deployed-commit': deployedCommit });
    const details = { title: 'Stale commit', next: 'no', deployedCommit };
    const refused = new SourceRefusedError('no', details);
    expect(outputsOf((outputs) => setErrorOutputs(outputs, refused, refused))).toMatchObject({
      ...{ 'reason-code': 'StaleCommit', 'deployed-commit': deployedCommit },
    });
    const unknown = new SourceRefusedError('no', {
      ...details,
      ...{ title: 'Commits cannot be compared', deployedCommit: undefined },
    });
    expect(outputsOf((outputs) => setErrorOutputs(outputs, unknown, unknown))).toMatchObject({
      ...{ 'reason-code': 'CommitUnknown', 'deployed-commit': '' },
    });
  });

  test.each<[Error, string]>([
    [new InputError('set: no'), 'InvalidInput'],
    [new ActionError('no', { title: 'Nothing was changed' }), 'Refused'],
    [new ActionError('no', { title: 'Release is pending' }), 'ReleasePending'],
    [
      new UnfinishedUpgradeError(operation, { cause: new Error('x'), takenBy: undefined }),
      'CutOff',
    ],
    [new KubeError('no', { status: 403, reason: 'Forbidden', path: '/' }), 'Forbidden'],
    [new Error('no'), 'Failed'],
  ])('have one word for %s', (error, code) => {
    const told = outputsOf((outputs) => setErrorOutputs(outputs, error, error));
    expect(told).toMatchObject({ reason: error.message, 'reason-code': code });
  });
});

describe('the summary of an upgrade that failed', () => {
  test.each<[string, Partial<UpgradeResult>, string]>([
    ['when Helm was not run', {}, 'nothing was changed'],
    ['when Helm refused', { attempts: 1 }, 'Helm made no new revision'],
    [
      'when it was undone',
      { rolledBack: true, proven: true },
      'rolled back to revision 1 and proven',
    ],
    ['when it was not undone', { doubts: 'no rights' }, 'not rolled back: no rights'],
    ['when there was nowhere to go', { changed: true }, 'there was nothing to roll back to'],
  ])('says what is true %s', (_, more, words) => {
    const told = resultSummary('title', { ...result, ...more });
    expect(told.markdown).toContain(words);
    expect(told.failure).toBe(`it did not work (${words})`);
  });
});
