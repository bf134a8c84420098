import {
  parseAssertions,
  parseReleasedImage,
  type Assertion,
  type ReleasedImage,
} from '@slipway/health';
import { parseWorkload, type WorkloadRef } from '@slipway/kube';
import type { PrometheusAuth } from '@slipway/prometheus';
import {
  errorMessage,
  quoted,
  readInputs,
  type InputReader,
  type InputSource,
  type RunnerEnvironment,
} from '@slipway/runtime';
import { readTraffic, type TrafficInputs } from './traffic.ts';

/** The inputs of verify-health. */
export interface Inputs {
  /** The namespace is empty for that of the kubeconfig's context. */
  workload: WorkloadRef;
  /** What the workload's pods must run before anything is judged. */
  images: readonly ReleasedImage[];
  probes: readonly string[] | 'auto';
  /** Undefined for the pods' own. */
  probePort: string | undefined;
  probeScheme: 'http' | 'https' | undefined;
  probeTimeoutMs: number;
  traffic: TrafficInputs;
  /** The share of failed requests that is too much. */
  maxErrorShare: number;
  /** Empty when metrics are no part of the verdict. */
  prometheusUrl: string;
  prometheusAuth: PrometheusAuth;
  /** Whether `up == 1` of every new pod is asked for. */
  up: boolean;
  /** The built-in share first, when it is asked for. */
  assertions: readonly Assertion[];
  minSoakMs: number;
  deadlineMs: number;
  onUnhealthy: 'fail' | 'rollback' | 'report';
  /** Empty for the one that the workload's annotations name. */
  release: string;
  rollbackTimeoutMs: number;
  helmVersion: string;
  /** Content or path, as given. */
  kubeconfig: string;
  kubeContext: string;
}

const dnsLabel = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

function readWorkload(read: InputReader): WorkloadRef {
  const namespace = read.operand('namespace', {
    pattern: dnsLabel,
    expected: "at most 63 lower-case letters, digits and '-'",
  });
  const fallback: WorkloadRef = { kind: 'deployment', name: '', namespace };
  read.string('workload', { required: true });
  return read.parsed('workload', (text) => parseWorkload(text, namespace), { default: fallback });
}

function readImages(read: InputReader): readonly ReleasedImage[] {
  return read.list('image').flatMap((text) => {
    try {
      return [parseReleasedImage(text)];
    } catch (error) {
      read.problem(`image: ${errorMessage(error)}`);
      return [];
    }
  });
}

function readProbes(read: InputReader): Inputs['probes'] {
  const given = read.list('probes', { default: ['auto'] });
  if (given.includes('auto') || given.includes('none')) {
    if (given.length > 1) read.problem('probes: auto and none stand alone, without paths.');
    return given[0] === 'auto' ? 'auto' : [];
  }
  for (const path of given)
    if (!/^\/[^\s#]*$/.test(path) || /(^|\/)\.\.(\/|$)/.test(path))
      read.problem(`probes: ${quoted(path)} is not a path; write for example /readyz.`);
  return given;
}

function readAuth(read: InputReader): PrometheusAuth {
  const token = read.secret('prometheus-token');
  const username = read.string('prometheus-username');
  const password = read.secret('prometheus-password');
  const either = 'Give either a token or a user and password, not both.';
  read.atMostOne(['prometheus-token', 'prometheus-username'], either);
  read.allOrNone(
    ['prometheus-username', 'prometheus-password'],
    'One is empty; is a secret missing?',
  );
  if (token !== '') return { kind: 'bearer', token };
  return username === '' ? { kind: 'none' } : { kind: 'basic', username, password };
}

function readUrl(read: InputReader): string {
  const url = read.string('prometheus-url');
  if (url !== '' && !(URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)))
    read.problem(`prometheus-url: ${quoted(url)} is not an http or https URL.`);
  else if (url !== '' && new URL(url).username !== '')
    read.problem('prometheus-url: put the user and password into their own inputs.');
  return url;
}

function readAssertions(read: InputReader): Pick<Inputs, 'up' | 'assertions' | 'maxErrorShare'> {
  const builtIn = read.list('built-in', {
    default: ['up', 'error-share'],
    values: ['up', 'error-share', 'none'],
  });
  const own = read.parsed('assertions', parseAssertions, { default: [] });
  const metric = read.string('requests-metric', {
    default: 'http_requests_total',
    pattern: /^[a-zA-Z_:][\w:]*$/,
    expected: 'the name of a counter',
  });
  const label = read.string('code-label', {
    default: 'code',
    pattern: /^[a-zA-Z_]\w*$/,
    expected: 'the name of a label',
  });
  const share = read.share('max-error-share', { default: 0.1 });
  const errors: Assertion = {
    kind: 'share',
    name: 'error share',
    total: `${metric}{$scope}`,
    bad: `${metric}{$scope,${label}=~"5..|5xx"}`,
    must: { operator: '<', limit: share, text: `< ${share}` },
  };
  if (own.some(({ name }) => name === errors.name || name === 'up'))
    read.problem('assertions: the names "up" and "error share" are those of built-in assertions.');
  return {
    maxErrorShare: share,
    up: builtIn.includes('up'),
    assertions: builtIn.includes('error-share') ? [errors, ...own] : own,
  };
}

/** Reads and checks every input. Throws an InputError that lists all problems. */
export function parseInputs(source: InputSource, runner: RunnerEnvironment): Readonly<Inputs> {
  return readInputs(source, runner.workspace, (read) => {
    const port = read.string('probe-port', {
      pattern: /^(\d{1,5}|[a-z0-9]([-a-z0-9]{0,13}[a-z0-9])?)$/,
      expected: 'the number or the name of a port',
    });
    const scheme = read.oneOf('probe-scheme', ['auto', 'http', 'https']);
    const metrics = readAssertions(read);
    const prometheusUrl = readUrl(read);
    const minSoakMs = read.duration('min-soak', { default: 30_000, minMs: 1_000 });
    const deadlineMs = read.duration('deadline', { default: 300_000, maxMs: 21_600_000 });
    if (deadlineMs <= minSoakMs)
      read.problem('deadline: must be later than min-soak, or no release could ever be healthy.');
    if (prometheusUrl === '' && metrics.assertions.some(({ name }) => name !== 'error share'))
      read.problem('assertions: need prometheus-url; is a variable missing?');
    return {
      workload: readWorkload(read),
      images: readImages(read),
      probes: readProbes(read),
      probePort: port === '' ? undefined : port,
      probeScheme: scheme === 'auto' ? undefined : scheme,
      traffic: readTraffic(read, (secret) => source.maskSecret?.(secret)),
      probeTimeoutMs: read.duration('probe-timeout', { default: 5_000, minMs: 100, maxMs: 60_000 }),
      prometheusUrl,
      prometheusAuth: readAuth(read),
      ...metrics,
      minSoakMs,
      deadlineMs,
      onUnhealthy: read.oneOf('on-unhealthy', ['fail', 'rollback', 'report']),
      release: read.operand('release', {
        pattern: /^[a-z0-9]([-a-z0-9.]{0,51}[a-z0-9])?$/,
        expected: "at most 53 lower-case letters, digits, '-' and '.'",
      }),
      rollbackTimeoutMs: read.duration('rollback-timeout', { default: 300_000, minMs: 5_000 }),
      helmVersion: read.operand('helm-version'),
      kubeconfig: read.document('kubeconfig'),
      kubeContext: read.operand('kube-context'),
    };
  });
}
