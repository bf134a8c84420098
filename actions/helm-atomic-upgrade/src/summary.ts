import { causeText, type Cause } from '@slipway/kube';
import { UnfinishedUpgradeError, type UpgradeResult } from '@slipway/helm';
import { renderStepSummary } from '@slipway/report';
import { ActionError, errorMessage, formatDuration, InputError } from '@slipway/runtime';
import { broughtByFacts, changeDetails } from './change-details.ts';

/** What the user is told at the end, in the summary, the log and the annotation. */
export interface Told {
  markdown: string;
  /** The line of the log on success. */
  told: string;
  /** The message with which the step fails; undefined on success. */
  failure: string | undefined;
  title: string;
  next: string;
}

const nextByReason: Readonly<Record<string, string>> = {
  ImagePullBackOff:
    'Look whether the image was pushed and whether the pull secret of the namespace may read it.',
  ErrImagePull:
    'Look whether the image was pushed and whether the pull secret of the namespace may read it.',
  InvalidImageName: 'Correct the image name in the values.',
  CrashLoopBackOff: 'Read the last lines of the container below; they usually say why it ends.',
  Error: 'Read the last lines of the container below; they usually say why it ends.',
  OOMKilled: 'Raise the memory limit in the values, or find out what uses the memory.',
  Unschedulable:
    'Ask for less CPU or memory, correct the node selector or tolerations, or add nodes.',
  QuotaExceeded: 'Raise the ResourceQuota of the namespace or ask for less in the values.',
  CreateContainerConfigError: 'Make the ConfigMap or Secret (and its key) that the message names.',
  PostStartHookError:
    'Look at what the postStart hook of the container calls, and whether it may fail.',
  NoAddress:
    'Install what gives addresses to LoadBalancer Services, or choose another type of Service.',
  ProvisioningFailed: 'Look at the storage class of the claim, and at what provisions its volumes.',
  ReadinessProbeFailed:
    'Look at why the probe fails; if the service only needs longer, raise timeout and the probe.',
};

function stateText(result: UpgradeResult): string {
  if (result.outcome === 'uninstalled')
    return result.proven === true
      ? 'the first install was taken away again'
      : `the first install was taken away, but something of it is left${result.doubts === undefined ? '' : `: ${result.doubts}`}`;
  if (result.rolledBack)
    return result.proven === true
      ? `rolled back to revision ${result.previousRevision ?? '?'} and proven`
      : `rolled back, not proven: ${result.doubts ?? 'unknown'}`;
  if (result.kept === true) return `left ${result.status}, as keep-failed asks`;
  if (result.doubts !== undefined) return `not rolled back: ${result.doubts}`;
  if (result.changed) return 'there was nothing to roll back to';
  return result.attempts === 0 ? 'nothing was changed' : 'Helm made no new revision';
}

function resultText(result: UpgradeResult): string {
  if (result.reason !== '') return stateText(result);
  if (result.outcome === 'removed')
    return result.changed ? 'uninstalled' : 'there is no such release; nothing to uninstall';
  if (result.outcome === 'would-change')
    return 'dry run: it would be upgraded; nothing was changed';
  return result.changed ? 'upgraded and ready' : 'nothing to do';
}

/** How long each part took, in one line. */
function partsText({ parts }: UpgradeResult): string {
  return parts.map(({ name, durationMs }) => `${name} ${formatDuration(durationMs)}`).join(', ');
}

function logDetails({ object, container = '', logTail }: Cause): { title: string; text: string }[] {
  if (logTail === undefined) return [];
  return [{ title: `Last lines of ${object}, ${container}`, text: logTail }];
}

/** The last line of the log on success. */
function toldOf(title: string, { outcome, changed, revision, status }: UpgradeResult): string {
  const now = `revision ${revision ?? '?'} is ${status}`;
  if (outcome === 'removed')
    return `${title}: ${changed ? 'uninstalled' : 'there is nothing to uninstall'}`;
  if (outcome === 'would-change') return `${title}: dry run, nothing was changed`;
  return `${title}: ${changed ? '' : 'nothing to do, '}${now} and ready`;
}

/** Which commit goes over which; nothing where this run names none. */
function commitFacts({ deployedCommit }: UpgradeResult, commit: string): [string, string][] {
  if (commit === '') return [];
  const short = (id: string): string => id.slice(0, 12);
  return deployedCommit === undefined || deployedCommit === commit
    ? [['commit', short(commit)]]
    : [['commit', `${short(deployedCommit)} → ${short(commit)}`]];
}

/** The summary and the last words of an upgrade, to `commit` where the inputs name one. */
export function resultSummary(title: string, result: UpgradeResult, commit = ''): Told {
  const failed = result.reason !== '';
  const revision =
    result.previousRevision === undefined || result.previousRevision === result.revision
      ? String(result.revision ?? 'none')
      : `${result.previousRevision} → ${result.revision ?? 'none'}`;
  const next =
    result.next ??
    nextByReason[result.cause?.reason ?? ''] ??
    'Correct the chart or the values and run again; the release is not stuck.';
  const facts: [string, string][] = [
    ['result', resultText(result)],
    ['status', result.status],
    ['revision', revision],
    ...commitFacts(result, commit),
    ...(failed ? broughtByFacts(result) : []),
  ];
  const irreversible = result.changes?.irreversible ?? [];
  if (irreversible.length > 0) facts.push(['not reversible', irreversible.join(', ')]);
  if (result.outcome !== 'unchanged' && result.differences.length > 0)
    facts.push(['differences', result.differences.slice(0, 12).join(', ')]);
  if (result.leftAlone.length > 0)
    facts.push(['left as it is', result.leftAlone.slice(0, 12).join(', ')]);
  if (result.recovered !== undefined)
    facts.push(['recovered', `revision ${result.recovered}, left pending by a job that died`]);
  if (result.attempts > 1) facts.push(['attempts', String(result.attempts)]);
  if (result.parts.length > 0) facts.push(['took', partsText(result)]);
  const { cause } = result;
  const markdown = renderStepSummary({
    title,
    outcome: failed ? 'failed' : 'ok',
    facts,
    ...(failed ? { cause: cause === undefined ? result.reason : causeText(cause), next } : {}),
    details: [...(cause === undefined ? [] : logDetails(cause)), ...changeDetails(result)],
  });
  return {
    markdown,
    told: toldOf(title, result),
    failure: failed ? `${result.reason} (${stateText(result)})` : undefined,
    title: cause?.reason ?? 'Upgrade failed',
    next,
  };
}

function endText(error: unknown): string {
  if (!(error instanceof UnfinishedUpgradeError)) return 'nothing was changed';
  return error.takenBy === undefined
    ? 'cut off after the change had begun; the end of this job finishes or undoes it'
    : `cut off after the change had begun; ${error.takenBy} goes on with the release`;
}

/** The summary when it ended by an error: before the first change, or in the middle. */
export function failureSummary(title: string, error: unknown): string {
  const told = error instanceof InputError || error instanceof ActionError ? error.next : undefined;
  return renderStepSummary({
    title,
    outcome: 'failed',
    facts: [['result', endText(error)]],
    cause: errorMessage(error),
    ...(told === undefined ? {} : { next: told }),
  });
}
