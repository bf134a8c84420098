import {
  addDeploymentStatus,
  createDeployment,
  GitHubError,
  type DeploymentState,
  type GitHubRepository,
} from '@slipway/github';
import type { Inputs } from './inputs.ts';

const states: Readonly<Record<Inputs['status'], DeploymentState>> = {
  'in-progress': 'in_progress',
  success: 'success',
  failure: 'failure',
  cancelled: 'error',
};
const words: Readonly<Record<Inputs['status'], string>> = {
  'in-progress': 'being deployed',
  success: 'deployed',
  failure: 'not deployed: the job failed',
  cancelled: 'not deployed: the job was cancelled',
};

/** What a status says of the version, in a few words. */
export function statusWords({ status, version }: Pick<Inputs, 'status' | 'version'>): string {
  return `${version.service} ${version.version} ${words[status]}`;
}

/**
 * Writes the deployment, unless it was written before and is still there, and its status. `onCreated` hears of
 * its id before the status is written, so that it is not lost with it. Throws GitHubError.
 */
export async function writeRecord(
  github: GitHubRepository,
  { inputs, runUrl }: { inputs: Inputs; runUrl: string },
  onCreated: (id: number) => void,
): Promise<void> {
  const { status, deployment, environment, version, environmentUrl } = inputs;
  const addStatus = async (id: number): Promise<void> => {
    onCreated(id);
    await addDeploymentStatus(github, {
      id,
      service: version.service,
      status: {
        environment,
        state: states[status],
        logUrl: runUrl,
        environmentUrl,
        description: statusWords(inputs),
      },
    });
  };
  if (deployment !== undefined)
    try {
      await addStatus(deployment);
      return;
    } catch (error) {
      // Somebody tidied up meanwhile. What came of it is written all the same.
      if (!(error instanceof GitHubError) || error.status !== 404) throw error;
    }
  await addStatus(await createDeployment(github, { environment, version }));
}
