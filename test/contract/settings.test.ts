import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import {
  actionInputs,
  actionInputTexts,
  readFleet,
  type ActionInputKind,
  type ActionKey,
} from '@slipway/fleet';
import { errorMessage } from '@slipway/runtime';
import { actionsOfKeys } from '../../tools/docs/fleet-inputs.ts';
import { metadata, parseWith } from './contracted-action.ts';

type Texts = Readonly<Record<string, string>>;

const digest = `ghcr.io/acme/api@sha256:${'a'.repeat(64)}`;
const commit = 'c'.repeat(40);

/** What an action needs before any other input can be judged. */
const needed: Readonly<Record<ActionKey, Texts>> = {
  go: {},
  build: { image: 'ghcr.io/acme/api' },
  helm: { release: 'api', chart: 'oci://ghcr.io/acme/charts/api' },
  verify: { workload: 'deployment/api', 'prometheus-url': 'http://prometheus:9090' },
};

/** Inputs that have an effect only beside others, which the step gives here. */
const beside: Readonly<Record<string, Texts>> = {
  'go.app-client-id': {
    'app-private-key': generateKeyPairSync('rsa', { modulusLength: 2048 })
      .privateKey.export({ type: 'pkcs8', format: 'pem' })
      .toString(),
  },
  'helm.repo': { chart: 'api' },
  'helm.repo-username': { repo: 'https://charts.example.com', chart: 'api', 'repo-password': 'p' },
  'helm.registry': { 'registry-username': 'u', 'registry-password': 'p' },
  'helm.registry-username': { 'registry-password': 'p' },
  'helm.namespace-labels': { 'create-namespace': 'true' },
  'helm.namespace-annotations': { 'create-namespace': 'true' },
  'helm.post-renderer-args': { 'post-renderer': 'kustomize' },
  'helm.source-check': { 'source-commit': commit },
  'helm.allow-older': { 'source-commit': commit },
  'build.registry-username': { 'registry-password': 'p' },
  'verify.prometheus-username': { 'prometheus-password': 'p' },
  'verify.prometheus-client-cert': { 'prometheus-client-key': '-----BEGIN KEY' },
};

const ofKinds: Readonly<Record<string, string>> = {
  text: 'abc',
  boolean: 'true',
  integer: '3',
  number: '0.5',
  duration: '40s',
  list: '[abc, def]',
  map: '{ abc: d, e: f }',
  document: '{ abc: [1] }',
  json: '{ abc: [1] }',
};

/** As somebody writes it into slipway.yml, where not every text will do. */
const shaped: Texts = {
  'go.go-download-base-url': 'https://go.example.com/dl',
  'build.program': '[./cmd/api=api, ./cmd/job=job]',
  'build.archive-format': "[tar.zst, 'windows=tar.gz']",
  'build.image-base': `'${digest}'`,
  'build.image-files': "['db/*.sql=/srv/db/', 'a=/b']",
  'build.image-ports': "[8080, '53/udp']",
  'build.image-user': "'1000'",
  'build.image-budget': '20MB',
  'build.stamps': "['main.built=yes']",
  'build.image-tags': "['{version}', latest]",
  'helm.chart': 'oci://ghcr.io/acme/charts/other',
  'helm.repo': 'https://charts.example.com',
  'helm.registry': 'ghcr.io',
  'helm.chart-ca': "'-----BEGIN CERTIFICATE'",
  'helm.value-files': '[deploy/a.yaml, deploy/b.yaml]',
  'helm.set-file': '{ abc: deploy/a.txt }',
  'helm.helm-download-base-url': 'https://helm.example.com',
  'verify.workload': 'statefulset/api',
  'verify.image': `['${digest}']`,
  'verify.probes': '[/ready, /live]',
  'verify.traffic': "['/orders => 200,404']",
  'verify.prometheus-url': 'http://thanos:9090',
  'verify.prometheus-sigv4-region': 'eu-west-1',
  'verify.prometheus-headers': "['X-Scope-OrgID: acme']",
  'verify.prometheus-ca': "'-----BEGIN CERTIFICATE'",
  'verify.prometheus-client-cert': "'-----BEGIN CERTIFICATE'",
  'verify.built-in': '[up]',
  'verify.bad-codes': "[429, '5xx']",
  'verify.max-latency': 'p99 < 250ms',
  'verify.assertions': "[{ name: queue, query: 'depth', must: '< 5' }]",
};

/** Samples of an input; the words and booleans that it may be all, so that one is not its default. */
function samplesOf(place: string, kind: ActionInputKind): readonly string[] {
  if (typeof kind !== 'string') return kind.map((word) => `'${word}'`);
  return kind === 'boolean' ? ['true', 'false'] : [shaped[place] ?? ofKinds[kind] ?? ''];
}

const keys = Object.keys(actionsOfKeys) as ActionKey[];
/** Inputs without what says that one of them, or which of two documents, came by the settings. */
function plainInputs(inputs: unknown): unknown {
  const text = JSON.stringify(inputs).replaceAll(' in settings"', '"');
  return JSON.parse(text, (key, value: unknown) =>
    /^is[A-Z]\w*Setting$/.test(key) ? undefined : value,
  ) as unknown;
}

function fromFile(key: ActionKey, name: string, yaml: string): Texts {
  const file = readFleet(`defaults: { ${key}: { ${name}: ${yaml} } }`, 'slipway.yml');
  return actionInputTexts(key, file.defaults[key] ?? {});
}

describe.each(keys)('what slipway.yml says under %s', (key) => {
  const action = actionsOfKeys[key];
  const kinds: Readonly<Record<string, ActionInputKind>> = actionInputs[key];
  const places = Object.entries(kinds).filter(([, kind]) => kind !== 'secret');

  test.each(places)('reaches the action: %s', async (name, kind) => {
    const place = `${key}.${name}`;
    const given = Object.assign({}, needed[key], beside[place]) as Record<string, string>;
    const bare = await parseWith(action, given);
    const seen: unknown[] = [];
    for (const yaml of samplesOf(place, kind)) {
      const texts = fromFile(key, name, yaml);
      const explicit = await parseWith(action, Object.assign({}, given, texts));
      const settings = JSON.stringify(texts);
      const bySettings = await parseWith(action, Object.assign({}, given, { settings }));
      expect([yaml, errorMessage(explicit.error ?? 'none')]).toEqual([yaml, 'none']);
      expect([yaml, plainInputs(bySettings.inputs)]).toEqual([yaml, plainInputs(explicit.inputs)]);
      seen.push(explicit.inputs);
    }
    expect(seen).not.toEqual(seen.map(() => bare.inputs));
  });

  test('goes before the same input of the step', async () => {
    for (const [name, kind] of places.filter(([each]) => each !== 'values')) {
      const place = `${key}.${name}`;
      const [yaml = ''] = samplesOf(place, kind);
      const texts = fromFile(key, name, yaml);
      const given = Object.assign({}, needed[key], beside[place]) as Record<string, string>;
      const alone = await parseWith(
        action,
        Object.assign({}, given, { [name]: '', settings: JSON.stringify(texts) }),
      );
      // Both add lines to some; a comment adds none.
      const lines = typeof kind === 'string' && ['list', 'map', 'json'].includes(kind);
      const both = await parseWith(
        action,
        Object.assign({}, given, {
          [name]: lines ? '# nothing' : 'no value',
          settings: JSON.stringify(texts),
        }),
      );
      expect([name, both.inputs]).toEqual([name, alone.inputs]);
    }
  });

  test('can be no secret, whichever the action has', async () => {
    for (const [name] of Object.entries(kinds).filter(([, kind]) => kind === 'secret')) {
      const settings = JSON.stringify({ [name]: 'hunter2-hunter2' });
      const { error } = await parseWith(action, Object.assign({ settings }, needed[key]));
      expect(errorMessage(error)).toContain(`${name} in settings: a secret has no place there`);
      expect(errorMessage(error)).not.toContain('hunter2');
    }
  });

  test('is an input named settings, with the order in its description', () => {
    const declared = metadata(action).inputs.find(({ name }) => name === 'settings');
    expect(declared?.default).toBe('');
    expect(declared?.description).toContain('which go before those of the step');
  });
});
