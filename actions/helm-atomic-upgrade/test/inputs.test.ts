import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { readRunnerEnvironment } from '@slipway/runtime';
import { inputValues } from '@slipway/testing';
import { parseInputs } from '../src/inputs.ts';

const workspace = path.resolve('/w/shop');
const runner = readRunnerEnvironment({ GITHUB_WORKSPACE: workspace });
const least = { release: 'api', chart: 'services/api/chart' };

describe('inputs of helm-atomic-upgrade', () => {
  test('have the defaults that action.yml tells', () => {
    expect(parseInputs(inputValues(least), runner)).toMatchObject({
      release: 'api',
      namespace: '',
      chart: path.join(workspace, 'services', 'api', 'chart'),
      timeoutMs: 300_000,
      maxRetries: 2,
      failFast: 'normal',
      historyMax: 10,
      waitForJobs: false,
      createNamespace: false,
      forceConflicts: false,
      crds: 'create',
    });
  });

  test('take a chart from a registry with its version', () => {
    const inputs = { ...least, chart: 'oci://ghcr.io/acme/charts/api', 'chart-version': '1.4.2' };
    expect(parseInputs(inputValues(inputs), runner)).toMatchObject({
      chart: 'oci://ghcr.io/acme/charts/api',
      chartVersion: '1.4.2',
    });
  });

  test.each<[string, Record<string, string>, RegExp]>([
    ['a chart outside the workspace', { chart: '../other' }, /chart: .* outside the workspace/],
    ['a chart by another URL', { chart: 'https://x.example/c.tgz' }, /not an oci:\/\/ reference/],
    ['a version for a folder', { 'chart-version': '1.4.2' }, /only an oci:\/\/ chart has one/],
    [
      'a version that is a range',
      { chart: 'oci://x/y', 'chart-version': '^1' },
      /an exact version/,
    ],
    ['a release that is a flag', { release: '--all' }, /release: /],
    ['a namespace that is a path', { namespace: 'a/b' }, /namespace: /],
    ['values files outside', { 'value-files': '/etc/passwd' }, /value-files: .* outside/],
    ['set lines without a key', { set: '=1' }, /set: /],
    ['a timeout of no unit', { timeout: '300' }, /timeout: /],
    ['too many retries', { 'max-retries': '99' }, /max-retries: /],
    ['a mirror in the clear', { 'helm-download-base-url': 'http://mirror.example' }, /https:\/\//],
    ['a word for CRDs that is none', { crds: 'replace' }, /crds: .*create, upgrade, skip/],
    ['a word for failing that is none', { 'fail-fast': 'slow' }, /fail-fast: .*strict/],
    ['a history that cannot roll back', { 'history-max': '1' }, /history-max: /],
  ])('refuse %s', (_, more, message) => {
    expect(() => parseInputs(inputValues({ ...least, ...more }), runner)).toThrow(message);
  });
});
