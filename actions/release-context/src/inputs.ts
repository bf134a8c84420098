import {
  checkTagFormat,
  defaultTagFormats,
  isTarget,
  readEnvironments,
  type EnvironmentKey,
} from '@slipway/release';
import {
  quoted,
  readInputs,
  type InputReader,
  type InputSource,
  type RunnerEnvironment,
} from '@slipway/runtime';
import type { CallInputs } from './fleet-selection.ts';

/** The inputs of release-context. */
export interface Inputs {
  /** What the call says itself; what is at its default leaves the word to slipway.yml. */
  call: CallInputs & { namespace: string | undefined; environments: boolean };
  registry: string;
  matrixBy: 'service' | 'target';
  environments: Readonly<Record<EnvironmentKey, string>>;
  tagFormats: readonly string[];
  affectedOnly: boolean;
  baseRef: string;
  sharedPaths: readonly string[];
  /** Of the call, for which deployments are recorded; empty for the only one. */
  name: string;
  /** Whether `requires` of an environment is passed over. */
  allowUnverified: boolean;
  /** So many stages can be deployed one after the other; zero for any number. */
  maxStages: number;
  /** What tested-tree found; empty for nothing. */
  tested: string;
  /** Packages of the root's module that are tested whatever the plan finds; empty for those that it finds. */
  testPackages: readonly string[];
  /** What tests depend on besides the tree. */
  testSettings: string;
  /** Empty on a local runner. */
  token: string;
  /** Content or path, as given; empty where the plan may not ask the cluster. */
  kubeconfig: string;
  kubeContext: string;
}

/** Reads and checks every input. Throws an InputError that lists all problems. */
export function parseInputs(source: InputSource, runner: RunnerEnvironment): Readonly<Inputs> {
  return readInputs(source, runner.workspace, (read) => {
    const targets = read.list('targets', { default: ['linux/amd64'] });
    for (const target of targets)
      if (!isTarget(target))
        read.problem(`targets: ${quoted(target)} is not of the form GOOS/GOARCH.`);
    const overrides = read.map('environments');
    const tagFormats = read.list('tag-format', { default: defaultTagFormats });
    return {
      call: readCall(read, { targets, overrides }),
      registry: read
        .operand('registry', {
          pattern: /^[a-z0-9][a-z0-9.-]*(?::\d{1,5})?(?:\/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)*\/?$/,
          expected: 'a lower-case image repository prefix such as ghcr.io/acme',
        })
        .replace(/\/$/, ''),
      matrixBy: read.oneOf('matrix-by', ['service', 'target']),
      environments:
        read.check('environments', () => readEnvironments(overrides)) ?? readEnvironments({}),
      tagFormats:
        read.check('tag-format', () => tagFormats.map(checkTagFormat)) ?? defaultTagFormats,
      affectedOnly: read.boolean('affected-only', { default: true }),
      baseRef: read.operand('base-ref', {
        pattern: /^[^\s~^:?*[\\]{1,255}$/,
        expected: 'a commit, tag or branch',
      }),
      sharedPaths: read.list('shared-paths'),
      name: read.string('name', {
        pattern: /^[a-z0-9-]{1,63}$/,
        expected: 'lower-case letters, digits and "-", at most 63',
      }),
      allowUnverified: read.boolean('allow-unverified', { default: false }),
      maxStages: read.integer('max-stages', { default: 0, min: 0, max: 256 }),
      tested: read.string('tested'),
      testPackages: read.list('test-packages', { operands: true }),
      testSettings: read.string('test-settings'),
      token: read.secret('github-token'),
      kubeconfig: read.secretDocument('kubeconfig'),
      kubeContext: read.operand('kube-context'),
    };
  });
}

/** A value, unless it is the default: of an input that has its default the call has said nothing. */
function unless<T extends string | readonly string[]>(usual: T, value: T): T | undefined {
  return String(value) === String(usual) ? undefined : value;
}

function readCall(
  read: InputReader,
  {
    targets,
    overrides,
  }: { targets: readonly string[]; overrides: Readonly<Record<string, string>> },
): Inputs['call'] {
  const services = read.list('services', { default: ['services/*'], operands: true });
  const cgo = read.string('cgo', { pattern: /^[a-z]{1,10}$/, expected: 'one word' });
  const namespace = read.operand('namespace', {
    default: '{environment}',
    pattern: /^(?:[a-z0-9-]|\{environment\}|\{service\}){1,63}$/,
    expected: 'lower-case letters, digits, "-", {environment} and {service}',
  });
  return {
    services: unless(['services/*'], services),
    targets: unless(['linux/amd64'], targets),
    cgo: unless('', cgo),
    namespace: unless('{environment}', namespace),
    environments: Object.keys(overrides).length > 0,
  };
}
