import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { ChartSource } from '@slipway/helm';
import { readRunnerEnvironment } from '@slipway/runtime';
import { inputValues } from '@slipway/testing';
import { parseInputs } from '../src/inputs.ts';

const workspace = path.resolve('/w/shop');
const temp = path.resolve('/w/temp');
const runner = readRunnerEnvironment({ GITHUB_WORKSPACE: workspace, RUNNER_TEMP: temp });
const least = { release: 'api', chart: 'services/api/chart' };

describe('inputs of helm-atomic-upgrade', () => {
  test('have the defaults that action.yml tells', () => {
    expect(parseInputs(inputValues(least), runner)).toMatchObject({
      release: 'api',
      namespace: '',
      chart: {
        source: { kind: 'local', path: path.join(workspace, 'services', 'api', 'chart') },
        repositoryLogin: undefined,
        registryLogin: undefined,
        ca: '',
        keyring: '',
      },
      timeoutMs: 300_000,
      maxRetries: 2,
      failFast: 'normal',
      historyMax: 10,
      wait: true,
      waitForJobs: false,
      hooks: true,
      keepFailed: false,
      createNamespace: { create: false, labels: {}, annotations: {} },
      forceConflicts: false,
      takeOwnership: false,
      schemaValidation: true,
      crds: 'create',
      irreversible: 'warn',
      description: '',
      labels: {},
      source: undefined,
    });
  });

  test('take values from settings and from the step, those of the step over the others', () => {
    const settings = JSON.stringify({
      timeout: '10m',
      'value-files': 'common.yaml',
      values: 'a: 1\n',
      set: 'replicas=3\nkey=file',
      labels: 'team=file',
    });
    const step = {
      ...{ 'value-files': 'image.yaml', values: 'a: 2', set: 'key=step', timeout: '5m' },
      labels: 'team=step',
    };
    const inputs = parseInputs(inputValues({ ...least, ...step, settings }), runner);
    expect(inputs.values).toMatchObject({
      files: [path.join(workspace, 'common.yaml'), path.join(workspace, 'image.yaml')],
      inline: [
        { name: 'values in settings', yaml: 'a: 1' },
        { name: 'values', yaml: 'a: 2' },
      ],
      set: ['replicas=3', 'key=file', 'key=step'],
    });
    expect([inputs.timeoutMs, inputs.labels]).toEqual([600_000, { team: 'file' }]);
  });

  const commit = '0123456789abcdef0123456789abcdef01234567';
  test('take the commit that is deployed, and what it may go over', () => {
    const inputs = { ...least, 'source-commit': commit, 'github-token': 's3cr3t' };
    expect(parseInputs(inputValues(inputs), runner).source).toEqual({
      ...{ commit, policy: 'enforce', allowOlder: false, token: 's3cr3t' },
    });
    const back = { ...inputs, 'source-check': 'warn', 'allow-older': 'true' };
    expect(parseInputs(inputValues(back), runner).source).toMatchObject({
      ...{ policy: 'warn', allowOlder: true },
    });
  });

  const oci = 'oci://ghcr.io/acme/charts/api';
  test.each<[string, Record<string, string>, ChartSource]>([
    [
      'from a registry with its version',
      { chart: oci, 'chart-version': '1.4.2' },
      { kind: 'registry', reference: oci, version: '1.4.2' },
    ],
    [
      'from a registry by a range',
      { chart: oci, 'chart-version': '>=1.4 <2, != 1.5.0' },
      { kind: 'registry', reference: oci, version: '>=1.4 <2, != 1.5.0' },
    ],
    [
      'from a repository by its name',
      { repo: 'https://charts.example.com/stable', chart: 'api', 'chart-version': '^1.4' },
      {
        kind: 'repository',
        url: 'https://charts.example.com/stable',
        name: 'api',
        version: '^1.4',
      },
    ],
    [
      'from a folder of a registry by its name',
      { repo: 'oci://ghcr.io/acme/charts/', chart: 'api' },
      { kind: 'registry', reference: oci, version: '' },
    ],
    [
      'from a repository that helm repo add named',
      { chart: 'bitnami/redis', 'chart-version': '20.x' },
      { kind: 'known-repository', reference: 'bitnami/redis', version: '20.x' },
    ],
    [
      'at an address of its own',
      { chart: 'https://charts.example.com/api-1.4.2.tgz' },
      { kind: 'archive', url: 'https://charts.example.com/api-1.4.2.tgz' },
    ],
    [
      "in the runner's temp folder",
      { chart: path.join(temp, 'api-1.4.2.tgz') },
      { kind: 'local', path: path.join(temp, 'api-1.4.2.tgz') },
    ],
  ])('take a chart %s', (_, more, source) => {
    expect(parseInputs(inputValues({ ...least, ...more }), runner).chart.source).toEqual(source);
  });

  test('want no chart of a release that is taken away', () => {
    const inputs = { release: 'api', uninstall: 'true' };
    expect(parseInputs(inputValues(inputs), runner)).toMatchObject({ uninstall: true });
    expect(() => parseInputs(inputValues({ release: 'api' }), runner)).toThrow(/chart: a value/);
  });

  test('take a login out of an address', () => {
    const inputs = { ...least, chart: 'api', repo: 'https://me:p%40ss@charts.example.com/stable' };
    expect(parseInputs(inputValues(inputs), runner).chart).toMatchObject({
      source: { kind: 'repository', url: 'https://charts.example.com/stable' },
      repositoryLogin: { username: 'me', password: 'p@ss' },
    });
  });

  test('take values files of other steps and of web servers', () => {
    const decrypted = path.join(temp, 'sops', 'values.yaml');
    const inputs = {
      ...least,
      'value-files': `values.yaml\n${decrypted}\nhttps://example.com/v.yaml?token=x`,
      'set-file': `tls\\.crt=${decrypted}`,
    };
    expect(parseInputs(inputValues(inputs), runner).values).toMatchObject({
      files: [path.join(workspace, 'values.yaml'), decrypted, 'https://example.com/v.yaml?token=x'],
      setFile: [{ key: 'tls\\.crt', place: decrypted }],
    });
  });

  test.each<[string, Record<string, string>, RegExp]>([
    ['a chart outside the workspace', { chart: '../other' }, /chart: .* outside the workspace/],
    ['a chart by another URL', { chart: 's3://charts/c.tgz' }, /chart: .* neither an oci:/],
    ['a version for a folder', { 'chart-version': '1.4.2' }, /chart-version: .* has one version/],
    [
      'a version that is a command',
      { chart: 'oci://x/y', 'chart-version': '1; rm' },
      /chart-version: /,
    ],
    ['a repository without a protocol', { repo: 'charts.example.com', chart: 'api' }, /repo: /],
    [
      'a chart that is no name',
      { repo: 'https://x.example', chart: '../api' },
      /chart: .* no name/,
    ],
    [
      'half a login',
      { repo: 'https://x.example', chart: 'api', 'repo-username': 'me' },
      /repo-password: a value is required/,
    ],
    [
      'the login of a repository for a registry',
      { chart: 'oci://r.example/api', 'repo-username': 'me', 'repo-password': 'x' },
      /repo-username: .* registry-username/,
    ],
    ['a certificate that is none', { 'chart-ca': 'ca.pem' }, /chart-ca: is not PEM/],
    ['JSON that is none', { 'set-json': 'a={hunter2}' }, /set-json: setting 1 [^2]*$/],
    ['a file setting without a path', { 'set-file': 'hunter2' }, /set-file: line 1 [^2]*$/],
    ['a file of a setting outside', { 'set-file': 'a=/etc/passwd' }, /set-file: .* outside/],
    [
      'labels for no namespace',
      { 'namespace-labels': 'team=a' },
      /namespace-labels: .*create-namespace/,
    ],
    ['a branch for a commit', { 'source-commit': 'main' }, /source-commit: is no full id/],
    ['half a commit', { 'source-commit': commit.slice(0, 12) }, /source-commit: is no full id/],
    ['a commit that is a flag', { 'source-commit': '--upload-pack=x' }, /source-commit: /],
    ['another word for the check', { 'source-check': 'on' }, /source-check: .*enforce, warn, off/],
    [
      'a stamp of the user beside our own',
      { 'source-commit': commit, labels: 'slipway.dev/commit=1' },
      /labels: slipway\.dev\/commit/,
    ],
    ['a label that is two', { labels: 'team=a,b=c' }, /labels: the value of team/],
    ['a release that is a flag', { release: '--all' }, /release: /],
    ['a namespace that is a path', { namespace: 'a/b' }, /namespace: /],
    ['values files outside', { 'value-files': '/etc/passwd' }, /value-files: .* outside/],
    ['set lines without a key', { set: '=1' }, /set: /],
    ['a timeout of no unit', { timeout: '300' }, /timeout: /],
    ['too many retries', { 'max-retries': '99' }, /max-retries: /],
    ['a mirror in the clear', { 'helm-download-base-url': 'http://mirror.example' }, /https:\/\//],
    ['a word for CRDs that is none', { crds: 'replace' }, /crds: .*create, upgrade, skip/],
    [
      'another word for what is irreversible',
      { irreversible: 'no' },
      /irreversible: .*warn, refuse/,
    ],
    ['a word for failing that is none', { 'fail-fast': 'slow' }, /fail-fast: .*strict/],
    ['a history that cannot roll back', { 'history-max': '1' }, /history-max: /],
  ])('refuse %s', (_, more, message) => {
    expect(() => parseInputs(inputValues({ ...least, ...more }), runner)).toThrow(message);
  });
});
