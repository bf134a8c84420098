import { describe, expect, test } from '@jest/globals';
import {
  broughtBy,
  diffText,
  objectDiffs,
  secretHash,
  type LiveChange,
} from '../../src/diff/index.ts';
import type { Json } from '../../src/merge/index.ts';

const hash = secretHash(Buffer.from('the key of one run'));

function deployment(spec: object, metadata: object = {}): Json {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'api', ...metadata },
    spec,
  };
}

function diffOf(before: Json | undefined, after: Json | undefined, object = 'Deployment/api') {
  return objectDiffs([{ object, before, after }], hash);
}

const text = (before: Json | undefined, after: Json | undefined, object?: string): string =>
  diffText(diffOf(before, after, object));

function withEnv(...env: readonly object[]): Json {
  return deployment({ template: { spec: { containers: [{ name: 'main', image: 'a:1', env }] } } });
}

describe('a diff', () => {
  test('names each field, and items of lists by their names', () => {
    const before = deployment({
      replicas: 2,
      template: { spec: { containers: [{ name: 'main', image: 'a:1' }] } },
    });
    const after = deployment({
      replicas: 2,
      paused: true,
      template: { spec: { containers: [{ name: 'side' }, { name: 'main', image: 'a:2' }] } },
    });
    expect(text(before, after)).toBe(
      [
        '~ Deployment/api',
        '  ~ spec.template.spec.containers[main].image: "a:1" → "a:2"',
        '  + spec.template.spec.containers[side]: {"name":"side"}',
        '  + spec.paused: true',
      ].join('\n'),
    );
  });

  test.each([
    ['status', { ...deployment({}), status: { replicas: 1 } }],
    ['what the server counts', deployment({}, { generation: 4, uid: 'x', managedFields: [] })],
    [
      "Helm's own marks",
      deployment(
        {},
        {
          labels: { 'app.kubernetes.io/managed-by': 'Helm' },
          annotations: { 'meta.helm.sh/release-name': 'api' },
        },
      ),
    ],
  ])('does not tell of %s', (_, after) => {
    expect(text(deployment({}), after)).toBe('');
  });

  test('shows of a long text the lines that differ, and of a lost object its name', () => {
    const file = (level: string): Json => ({
      kind: 'ConfigMap',
      data: { 'app.conf': `one\ntwo\nlevel=${level}\nend\n` },
    });
    expect(text(file('info'), file('debug'), 'ConfigMap/x')).toBe(
      [
        '~ ConfigMap/x',
        '  ~ data["app.conf"]:',
        '      @ line 3',
        '      - level=info',
        '      + level=debug',
      ].join('\n'),
    );
    expect(text(file('info'), undefined, 'ConfigMap/x')).toBe('- ConfigMap/x');
  });

  test('keeps each field in its line, whatever its items are called', () => {
    const volumes = [{ name: 'a' }, { name: 'b\n::error::x' }];
    const shown = text(
      deployment({ volumes: [{ name: 'a' }] }),
      deployment({ volumes }),
      'A/a\n::b',
    );
    expect(shown.split('\n')).toEqual([
      '~ A/a ::b',
      expect.stringMatching(/^ {2}\+ spec\.volumes\["b\\n::error::x"\]: /),
    ]);
  });

  test('has room for 32,000 bytes, and counts what is left out', () => {
    const many: LiveChange[] = Array.from({ length: 300 }, (_, index) => ({
      object: `ConfigMap/c-${index}`,
      before: { kind: 'ConfigMap', data: {} },
      after: { kind: 'ConfigMap', data: { value: 'ä'.repeat(400) } },
    }));
    const shown = diffText(objectDiffs(many, hash));
    expect(Buffer.byteLength(shown)).toBeLessThanOrEqual(32_000);
    expect(shown).toMatch(/… \d+ more objects change$/);
    expect(shown).toContain('…');
  });
});

const base64 = (value: string): string => Buffer.from(value).toString('base64');

describe('secrets in a diff', () => {
  test('that follow a flag, stand in a list or are a private key are hidden', () => {
    const key = '-----BEGIN PRIVATE KEY-----\ncanary\n-----END PRIVATE KEY-----';
    const spec = { args: ['--password', 'canary'], note: key, tokens: ['canary'] };
    const shown = text(undefined, deployment(spec));
    expect(shown).toContain('--password');
    expect(shown).not.toContain('canary');
  });

  const canary = 'correct-horse';
  const config = (value: string): Json => ({
    kind: 'ConfigMap',
    data: { 'app.yaml': `db:\n  password: ${value}\n  user: api\n`, API_TOKEN: value },
  });
  const args = (value: string): Json =>
    deployment({
      template: { spec: { containers: [{ name: 'm', args: [`--password=${value}`] }] } },
    });
  const copy = (value: string): Json =>
    deployment({}, { annotations: { 'kubectl.kubernetes.io/last-applied-configuration': value } });
  const address = (value: string): Json =>
    deployment({ replicas: 1, template: { url: `postgres://api:${value}@db/${value.length}` } });

  test.each<[string, Json, Json]>([
    [
      'data of a Secret',
      { kind: 'Secret', data: { a: base64('other') } },
      { kind: 'Secret', data: { a: base64(canary) } },
    ],
    [
      'texts of a Secret',
      { kind: 'Secret', stringData: { a: 'other' } },
      { kind: 'Secret', stringData: { a: canary } },
    ],
    [
      'variables named like one',
      withEnv({ name: 'DB_PASSWORD', value: 'other' }),
      withEnv({ name: 'DB_PASSWORD', value: canary }),
    ],
    ['settings in files', config('other'), config(canary)],
    ['arguments', args('other'), args(canary)],
    ['the copy that kubectl keeps', copy('other'), copy(canary)],
    ['passwords in addresses', address('other'), address(canary)],
  ])('are hashes: %s', (_, before, after) => {
    const shown = text(before, after);
    expect(shown).not.toBe('');
    expect(shown).not.toContain(canary);
    expect(shown).not.toContain(base64(canary));
    expect(text(undefined, after)).not.toContain(canary);
  });

  test('are equal for equal ones, in data and in texts, and of no use in another run', () => {
    const data = { kind: 'Secret', data: { a: base64(canary) } };
    expect(text(data, { kind: 'Secret', stringData: { a: canary } })).toBe('');
    expect(secretHash()(canary)).not.toBe(secretHash()(canary));
  });

  test('differ for bytes that are no text, such as those of a key store', () => {
    const keyStore = (...bytes: readonly number[]) => ({
      kind: 'Secret',
      data: { a: Buffer.from(bytes).toString('base64') },
    });
    expect(text(keyStore(0xfe, 0xed), keyStore(0xfe, 0xee))).toMatch(/^~ .*\n {2}~ data\.a: /);
    expect(text(keyStore(0xfe, 0xed), keyStore(0xfe, 0xed))).toBe('');
  });
});

describe('what brought a cause', () => {
  const image = (tag: string): Json =>
    deployment({
      replicas: tag === '2' ? 3 : 2,
      template: {
        spec: {
          containers: [
            { name: 'main', image: `a:${tag}` },
            { name: 'side', image: `b:${tag}` },
          ],
        },
      },
    });
  const cause = {
    ...{ object: 'pod/api-7f9c-x2x4z', reason: 'ImagePullBackOff', container: 'main' },
    ...{ message: 'not found', recovery: 'never' as const },
  };

  test('is the changed field of the very container that can bring it', () => {
    const changes = diffOf(image('1'), image('2'));
    expect(broughtBy(cause, changes)).toMatchObject({
      object: 'Deployment/api',
      lines: ['~ spec.template.spec.containers[main].image: "a:1" → "a:2"'],
    });
  });

  test('is nothing of another object, and nothing when the pods did not change', () => {
    expect(broughtBy(cause, diffOf(image('1'), image('2'), 'Deployment/web'))).toBeUndefined();
    expect(broughtBy(cause, diffOf(image('1'), image('1')))).toBeUndefined();
    expect(broughtBy(cause, diffOf(undefined, image('1')))).toBeUndefined();
  });
});
