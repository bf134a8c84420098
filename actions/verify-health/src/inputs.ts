import { parseReleasedImage, type ReleasedImage } from '@slipway/health';
import { parseWorkload, type WorkloadRef } from '@slipway/kube';
import {
  errorMessage,
  quoted,
  readInputs,
  type InputReader,
  type InputSource,
  type RunnerEnvironment,
  type SettingsRule,
} from '@slipway/runtime';
import { readPrometheus, type PrometheusInputs } from './prometheus-inputs.ts';
import { readTraffic, type TrafficInputs } from './traffic.ts';

/** The inputs of verify-health. */
export interface Inputs extends PrometheusInputs {
  mode: 'verify' | 'lint' | 'backtest';
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

/**
 * A workflow adds the image that it built, and lines whose values are secret. Lists with a default say which
 * of several hold: none of these is made of two.
 */
const settings: SettingsRule = { joined: ['image', 'traffic', 'prometheus-headers'] };

/** Reads and checks every input. Throws an InputError that lists all problems. */
export function parseInputs(source: InputSource, runner: RunnerEnvironment): Readonly<Inputs> {
  const build = (read: InputReader): Inputs => {
    const port = read.string('probe-port', {
      pattern: /^(\d{1,5}|[a-z0-9]([-a-z0-9]{0,13}[a-z0-9])?)$/,
      expected: 'the number or the name of a port',
    });
    const scheme = read.oneOf('probe-scheme', ['auto', 'http', 'https']);
    const metrics = readPrometheus(read);
    const minSoakMs = read.duration('min-soak', { default: 30_000, minMs: 1_000 });
    const deadlineMs = read.duration('deadline', { default: 300_000, maxMs: 21_600_000 });
    if (deadlineMs <= minSoakMs)
      read.problem('deadline: must be later than min-soak, or no release could ever be healthy.');
    const workload = readWorkload(read);
    const mode = read.oneOf('mode', ['verify', 'lint', 'backtest']);
    if (mode === 'backtest' && !['deployment', 'rollout'].includes(workload.kind))
      read.problem(
        'mode: backtest takes a deployment or a rollout; pods of other kinds have the same names again.',
      );
    if (mode === 'backtest' && metrics.prometheus.kind === 'none')
      read.problem('mode: backtest reads the history of Prometheus; set prometheus-url.');
    const traffic = readTraffic(read, (secret) => source.maskSecret?.(secret));
    const sendsTraffic = traffic.requests.length > 0 || traffic.openapi !== '';
    if (metrics.maxLatency !== undefined && metrics.prometheus.kind === 'none' && !sendsTraffic)
      read.problem(
        'max-latency: needs prometheus-url, or traffic, whose answers are timed; is a variable missing?',
      );
    return {
      mode,
      workload,
      images: readImages(read),
      probes: readProbes(read),
      probePort: port === '' ? undefined : port,
      probeScheme: scheme === 'auto' ? undefined : scheme,
      traffic,
      probeTimeoutMs: read.duration('probe-timeout', {
        default: 5_000,
        minMs: 100,
        maxMs: 60_000,
      }),
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
      kubeconfig: read.secretDocument('kubeconfig'),
      kubeContext: read.operand('kube-context'),
    };
  };
  return readInputs(source, runner.workspace, build, settings);
}
