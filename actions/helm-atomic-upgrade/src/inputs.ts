import type {
  CrdPolicy,
  FailFast,
  IrreversiblePolicy,
  NamespaceWish,
  ValueSources,
} from '@slipway/helm';
import {
  readInputs,
  type InputReader,
  type InputSource,
  type RunnerEnvironment,
  type SettingsRule,
} from '@slipway/runtime';
import { readSourceInputs, type SourceInputs } from './source-inputs.ts';
import { readChartInputs, type ChartInputs } from './chart-inputs.ts';
import { readValueInputs } from './value-inputs.ts';

/** The inputs of helm-atomic-upgrade. */
export interface Inputs {
  release: string;
  /** Empty for the namespace of the kubeconfig's context. */
  namespace: string;
  /** Whether the release is taken away; nothing is said of a chart then. */
  uninstall: boolean;
  chart: ChartInputs;
  values: ValueSources;
  timeoutMs: number;
  maxRetries: number;
  wait: boolean;
  failFast: FailFast;
  waitForJobs: boolean;
  hooks: boolean;
  keepFailed: boolean;
  test: boolean;
  dryRun: boolean;
  createNamespace: NamespaceWish;
  forceConflicts: boolean;
  takeOwnership: boolean;
  schemaValidation: boolean;
  crds: CrdPolicy;
  irreversible: IrreversiblePolicy;
  description: string;
  labels: Readonly<Record<string, string>>;
  /** As given: a path in the workspace, or a name for PATH; empty for none. */
  postRenderer: PostRendererInput;
  /** Undefined when no commit is named. */
  source: SourceInputs | undefined;
  historyMax: number;
  helmVersion: string;
  helmDownloadBaseUrl: string;
  /** Content or path, as given. */
  kubeconfig: string;
  kubeContext: string;
}

const dnsLabel = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const labelKey = {
  keyPattern: /([a-z0-9.-]{1,253}\/)?[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?/,
  expected: 'a name such as team or example.com/team',
};
const labelValue = /^([A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?$/;

function readLabels(read: InputReader, name: string): Readonly<Record<string, string>> {
  const labels = read.map(name, labelKey);
  for (const [key, value] of Object.entries(labels))
    if (!labelValue.test(value))
      read.problem(
        `${name}: the value of ${key} is not that of a label (letters, digits, ".", "_", "-").`,
      );
  return labels;
}

function readNamespaceWish(read: InputReader): NamespaceWish {
  const why = 'A namespace that is there keeps its own.';
  read.requires('namespace-labels', 'create-namespace', why);
  read.requires('namespace-annotations', 'create-namespace', why);
  return {
    create: read.boolean('create-namespace'),
    labels: readLabels(read, 'namespace-labels'),
    annotations: read.map('namespace-annotations', labelKey),
  };
}

/** A program and its arguments, not looked for yet. */
export interface PostRendererInput {
  program: string;
  args: readonly string[];
}

function readPostRenderer(read: InputReader): PostRendererInput {
  read.requires('post-renderer-args', 'post-renderer');
  const program = read.operand('post-renderer');
  return {
    program: /[/\\]/.test(program) ? read.path('post-renderer') : program,
    args: read.list('post-renderer-args'),
  };
}

function readDownloadSite(read: InputReader): string {
  const site = read.operand('helm-download-base-url', { default: 'https://get.helm.sh' });
  if (!/^https:\/\/|^http:\/\/(127\.0\.0\.1|localhost|\[::1\])[:/]/.test(`${site}/`))
    read.problem('helm-download-base-url: must begin with https://.');
  return site;
}

/** Where values come from: what the step adds goes over what the settings say, as later flags of Helm over earlier ones. */
const settings: SettingsRule = {
  joined: ['value-files', 'values', 'set-json', 'set', 'set-string', 'set-file'],
};

/** Reads and checks every input. Throws an InputError that lists all problems. */
export function parseInputs(source: InputSource, runner: RunnerEnvironment): Readonly<Inputs> {
  const build = (read: InputReader): Inputs => ({
    release: read.operand('release', {
      required: true,
      pattern: /^[a-z0-9]([-a-z0-9.]{0,51}[a-z0-9])?$/,
      expected: "at most 53 lower-case letters, digits, '-' and '.'",
    }),
    namespace: read.operand('namespace', {
      pattern: dnsLabel,
      expected: "at most 63 lower-case letters, digits and '-'",
    }),
    uninstall: read.boolean('uninstall'),
    chart: readChartInputs(read, runner, { required: !read.boolean('uninstall') }),
    values: readValueInputs(read, runner),
    timeoutMs: read.duration('timeout', { default: 300_000, minMs: 5_000, maxMs: 21_600_000 }),
    maxRetries: read.integer('max-retries', { default: 2, max: 10 }),
    wait: read.boolean('wait', { default: true }),
    failFast: read.oneOf('fail-fast', ['normal', 'strict', 'off']),
    waitForJobs: read.boolean('wait-for-jobs'),
    hooks: read.boolean('hooks', { default: true }),
    keepFailed: read.boolean('keep-failed'),
    test: read.boolean('test'),
    dryRun: read.boolean('dry-run'),
    createNamespace: readNamespaceWish(read),
    forceConflicts: read.boolean('force-conflicts'),
    takeOwnership: read.boolean('take-ownership'),
    schemaValidation: read.boolean('schema-validation', { default: true }),
    crds: read.oneOf('crds', ['create', 'upgrade', 'skip']),
    irreversible: read.oneOf('irreversible', ['warn', 'refuse']),
    description: read.string('description'),
    labels: readLabels(read, 'labels'),
    postRenderer: readPostRenderer(read),
    source: readSourceInputs(read),
    historyMax: read.integer('history-max', { default: 10, min: 2, max: 1000 }),
    helmVersion: read.operand('helm-version'),
    helmDownloadBaseUrl: readDownloadSite(read),
    kubeconfig: read.secretDocument('kubeconfig'),
    kubeContext: read.operand('kube-context'),
  });
  return readInputs(source, [runner.workspace, runner.tempDir], build, settings);
}
