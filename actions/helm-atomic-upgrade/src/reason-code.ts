import { UnfinishedUpgradeError, type UpgradeResult } from '@slipway/helm';
import { KubeError } from '@slipway/kube';
import { ActionError, InputError } from '@slipway/runtime';

/** Codes of what stops an upgrade before its first change, by the heading that tells it. */
const codeByTitle: Readonly<Record<string, string>> = {
  'Nothing was changed': 'Refused',
  'Stale commit': 'StaleCommit',
  'Commits cannot be compared': 'CommitUnknown',
  'Release is pending': 'ReleasePending',
  'Another job holds the release': 'ReleaseLocked',
  'The lock was lost': 'LockLost',
  'Chart dependencies': 'ChartDependencies',
  'Helm is missing': 'HelmMissing',
  'Helm download': 'HelmMissing',
};

/** The cluster's own word, unless it is none: whoever writes a pod's status or an event chooses it. */
function oneWord(reason: string): string {
  return /^[A-Za-z0-9_-]{1,100}$/.test(reason) ? reason : 'Failed';
}

/** One word for why a result is a failure, for conditions in workflows; empty on success. */
export function resultCode({ reason, cause, attempts }: UpgradeResult): string {
  if (reason === '') return '';
  if (cause !== undefined) return oneWord(cause.reason);
  if (/\bhooks? failed/i.test(reason)) return 'HookFailed';
  if (reason.startsWith('not ready within')) return 'NotReady';
  return attempts === 0 ? 'Unhealthy' : 'HelmFailed';
}

/** The same for an error with which an upgrade ended. */
export function errorCode(error: unknown): string {
  if (error instanceof InputError) return 'InvalidInput';
  if (error instanceof UnfinishedUpgradeError) return 'CutOff';
  if (error instanceof KubeError) return oneWord(error.reason);
  if (!(error instanceof ActionError)) return 'Failed';
  if (error.name === 'RenderError') return 'RenderFailed';
  return codeByTitle[error.title ?? ''] ?? 'Failed';
}
