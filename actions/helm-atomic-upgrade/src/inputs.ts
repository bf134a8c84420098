import { parseSetLines, type CrdPolicy, type FailFast } from '@slipway/helm';
import {
  confine,
  quoted,
  readInputs,
  type InputSource,
  type RunnerEnvironment,
} from '@slipway/runtime';

/** The inputs of helm-atomic-upgrade. */
export interface Inputs {
  release: string;
  /** Empty for the namespace of the kubeconfig's context. */
  namespace: string;
  /** Absolute path, or an oci:// reference. */
  chart: string;
  chartVersion: string;
  values: string;
  valueFiles: readonly string[];
  set: readonly string[];
  timeoutMs: number;
  maxRetries: number;
  failFast: FailFast;
  waitForJobs: boolean;
  createNamespace: boolean;
  forceConflicts: boolean;
  crds: CrdPolicy;
  historyMax: number;
  helmVersion: string;
  helmDownloadBaseUrl: string;
  /** Content or path, as given. */
  kubeconfig: string;
  kubeContext: string;
}

const dnsLabel = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

/** Reads and checks every input. Throws an InputError that lists all problems. */
export function parseInputs(source: InputSource, runner: RunnerEnvironment): Readonly<Inputs> {
  return readInputs(source, runner.workspace, (read) => {
    const chart = read.operand('chart', { required: true });
    const isReference = chart.startsWith('oci://');
    const path = isReference ? undefined : confine(runner.workspace, chart);
    if (!isReference && path === undefined)
      read.problem(`chart: ${quoted(chart)} is outside the workspace.`);
    if (/^[a-z]+:\/\//.test(chart) && !isReference)
      read.problem(
        `chart: ${quoted(chart)} is not an oci:// reference; fetch it in a step before.`,
      );
    const chartVersion = read.operand('chart-version', {
      pattern: /^v?\d+\.\d+\.\d+[0-9A-Za-z.+-]*$/,
      expected: 'an exact version such as 1.4.2',
    });
    if (chartVersion !== '' && !isReference)
      read.problem('chart-version: only an oci:// chart has one to choose; drop it or the path.');
    const baseUrl = read.operand('helm-download-base-url', { default: 'https://get.helm.sh' });
    if (!/^https:\/\/|^http:\/\/(127\.0\.0\.1|localhost|\[::1\])[:/]/.test(`${baseUrl}/`))
      read.problem('helm-download-base-url: must begin with https://.');
    const set = read.list('set');
    read.check('set', () => parseSetLines(set));
    return {
      release: read.operand('release', {
        required: true,
        pattern: /^[a-z0-9]([-a-z0-9.]{0,51}[a-z0-9])?$/,
        expected: "at most 53 lower-case letters, digits, '-' and '.'",
      }),
      namespace: read.operand('namespace', {
        pattern: dnsLabel,
        expected: "at most 63 lower-case letters, digits and '-'",
      }),
      chart: path ?? chart,
      chartVersion,
      values: read.document('values'),
      valueFiles: read.paths('value-files'),
      set,
      timeoutMs: read.duration('timeout', { default: 300_000, minMs: 5_000, maxMs: 21_600_000 }),
      maxRetries: read.integer('max-retries', { default: 2, max: 10 }),
      failFast: read.oneOf('fail-fast', ['normal', 'strict', 'off']),
      waitForJobs: read.boolean('wait-for-jobs'),
      createNamespace: read.boolean('create-namespace'),
      forceConflicts: read.boolean('force-conflicts'),
      crds: read.oneOf('crds', ['create', 'upgrade', 'skip']),
      historyMax: read.integer('history-max', { default: 10, min: 2, max: 1000 }),
      helmVersion: read.operand('helm-version'),
      helmDownloadBaseUrl: baseUrl,
      kubeconfig: read.document('kubeconfig'),
      kubeContext: read.operand('kube-context'),
    };
  });
}
