import { unreadableFields, type DeployedVersion } from '@slipway/github';
import { readInputs, type InputSource, type RunnerEnvironment } from '@slipway/runtime';

/** The inputs of deployment-record. */
export interface Inputs {
  status: 'in-progress' | 'success' | 'failure' | 'cancelled';
  /** The id of a deployment that was written before; undefined when there is none. */
  deployment: number | undefined;
  environment: string;
  version: DeployedVersion;
  environmentUrl: string;
  /** Empty on a local runner. */
  token: string;
}

/** The inputs by the fields that they fill. */
const inputOf: Readonly<Record<keyof DeployedVersion, string>> = {
  service: 'service',
  version: 'version',
  digest: 'digest',
  commit: 'commit',
  release: 'release',
  namespace: 'namespace',
  target: 'target',
};

/** Reads and checks every input. Throws an InputError that lists all problems. */
export function parseInputs(source: InputSource, runner: RunnerEnvironment): Readonly<Inputs> {
  return readInputs(source, runner.workspace, (read) => {
    const service = read.string('service', { required: true });
    const version: DeployedVersion = {
      service,
      version: read.string('version', { required: true }),
      digest: read.string('digest').replace(/^[^@]*@/, ''),
      commit: read.string('commit', { default: runner.sha }),
      release: read.string('release', { default: service }),
      namespace: read.string('namespace'),
      target: read.string('target'),
    };
    // What could not be read again would be forgotten at the next release.
    for (const field of unreadableFields(version))
      if (version[field] !== '')
        read.problem(`${inputOf[field]}: the value is not of the form that is recorded.`);
    if (version.commit === '') read.problem('commit: no commit is known; name one.');
    if (read.string('status') === '') read.problem('status: a value is required.');
    const deployment = read.string('deployment', {
      pattern: /^[1-9]\d{0,14}$/,
      expected: 'the output deployment of the step before',
    });
    return {
      status: read.oneOf('status', ['in-progress', 'success', 'failure', 'cancelled']),
      deployment: deployment === '' ? undefined : Number(deployment),
      environment: read.string('environment', {
        required: true,
        pattern: /^[^\p{C}]{1,255}$/u,
        expected: 'the name of an environment',
      }),
      version,
      environmentUrl: read.string('environment-url', {
        pattern: /^https?:\/\/[^\s]{1,2000}$/,
        expected: 'an http(s) address',
      }),
      token: read.secret('github-token'),
    };
  });
}
