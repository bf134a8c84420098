import {
  checkTagFormat,
  defaultTagFormats,
  isTarget,
  readEnvironments,
  type EnvironmentKey,
} from '@slipway/release';
import { quoted, readInputs, type InputSource, type RunnerEnvironment } from '@slipway/runtime';

/** The inputs of release-context. */
export interface Inputs {
  services: readonly string[];
  registry: string;
  targets: readonly string[];
  cgo: string;
  matrixBy: 'service' | 'target';
  environments: Readonly<Record<EnvironmentKey, string>>;
  namespace: string;
  tagFormats: readonly string[];
  affectedOnly: boolean;
  baseRef: string;
  sharedPaths: readonly string[];
  /** Empty on a local runner. */
  token: string;
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
      services: read.list('services', { default: ['services/*'], operands: true }),
      registry: read
        .operand('registry', {
          pattern: /^[a-z0-9][a-z0-9.-]*(?::\d{1,5})?(?:\/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)*\/?$/,
          expected: 'a lower-case image repository prefix such as ghcr.io/acme',
        })
        .replace(/\/$/, ''),
      targets,
      cgo: read.string('cgo', { pattern: /^[a-z]{1,10}$/, expected: 'one word' }),
      matrixBy: read.oneOf('matrix-by', ['service', 'target']),
      environments:
        read.check('environments', () => readEnvironments(overrides)) ?? readEnvironments({}),
      namespace: read.operand('namespace', {
        default: '{environment}',
        pattern: /^(?:[a-z0-9-]|\{environment\}|\{service\}){1,63}$/,
        expected: 'lower-case letters, digits, "-", {environment} and {service}',
      }),
      tagFormats:
        read.check('tag-format', () => tagFormats.map(checkTagFormat)) ?? defaultTagFormats,
      affectedOnly: read.boolean('affected-only', { default: true }),
      baseRef: read.operand('base-ref', {
        pattern: /^[^\s~^:?*[\\]{1,255}$/,
        expected: 'a commit, tag or branch',
      }),
      sharedPaths: read.list('shared-paths'),
      token: read.secret('github-token'),
    };
  });
}
