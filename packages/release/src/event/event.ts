import { InputError, quoted } from '@slipway/runtime';
import { dispatchInputs, type DispatchInputs } from './dispatch-inputs.ts';
import { flagAt, incomplete, kindOfValue, numberAt, textAt, valueAt } from './payload.ts';
import {
  readPublishedRelease,
  type NoRelease,
  type PublishedRelease,
} from './published-release.ts';

/** What started the run, as far as a release is concerned. */
export type ReleaseEvent =
  | {
      kind: 'pull-request';
      number: number;
      headSha: string | undefined;
      /** The tip of the branch that the change would be merged into. */
      baseSha: string | undefined;
    }
  | {
      kind: 'push';
      branch: string;
      onDefaultBranch: boolean;
      /** What the branch pointed to before; undefined for a new branch. */
      baseSha: string | undefined;
    }
  | PublishedRelease
  | {
      kind: 'dispatch';
      from: { tag: string } | { branch: string; onDefaultBranch: boolean };
      inputs: Readonly<DispatchInputs>;
    };

/** The kind of release that an event asks for. */
export type ReleaseKind = ReleaseEvent['kind'];

/** The facts that the runner tells beside the payload. */
export interface EventSource {
  eventName: string;
  ref: string;
  payload: unknown;
}

const known =
  'pull_request, merge_group, push (branches and tags), release, workflow_dispatch, repository_dispatch, schedule';

/**
 * The release event behind a workflow event, or why none is behind it. Throws an InputError, with the valid
 * events listed, for one that cannot start a release, for a deleted ref, for a payload without what it must
 * have, and for one that is not understood.
 */
export function readEvent(source: EventSource): ReleaseEvent | NoRelease {
  const { eventName, payload } = source;
  if (typeof payload !== 'object' || payload === null || Array.isArray(payload))
    throw new InputError(
      `The payload of the event ${quoted(eventName)} is ${kindOfValue(payload)} where an object is expected.`,
      { next: 'Give the local runner a payload captured from GitHub.' },
    );
  switch (eventName) {
    case 'pull_request': {
      const number = numberAt(payload, 'number') ?? numberAt(payload, 'pull_request', 'number');
      if (number === undefined) throw incomplete(eventName, 'pull_request.number');
      return {
        kind: 'pull-request',
        number,
        headSha: commit(textAt(payload, 'pull_request', 'head', 'sha')),
        baseSha: commit(textAt(payload, 'pull_request', 'base', 'sha')),
      };
    }
    case 'merge_group':
      return {
        kind: 'pull-request',
        // A queue entry is named gh-readonly-queue/main/pr-12-<sha of the base>.
        number: Number(
          /\/pr-(\d{1,9})-/.exec(textAt(payload, 'merge_group', 'head_ref') ?? '')?.[1] ?? 0,
        ),
        headSha: commit(textAt(payload, 'merge_group', 'head_sha')),
        baseSha: commit(textAt(payload, 'merge_group', 'base_sha')),
      };
    case 'push':
      return readPush(source);
    case 'release':
      return readPublishedRelease(payload);
    case 'workflow_dispatch':
    case 'repository_dispatch':
    case 'schedule':
      return {
        kind: 'dispatch',
        from: readRef(textAt(payload, 'ref') ?? source.ref, source),
        inputs: dispatchInputs(eventName, payload),
      };
    case 'pull_request_target':
    case 'workflow_run':
      throw new InputError(
        `The event ${eventName} runs with secrets on what a stranger may have written, so no release is made from it. Valid events: ${known}.`,
        { next: 'Use pull_request for checks, and push for releases.' },
      );
    default:
      throw new InputError(
        `The event ${quoted(eventName)} is not one that a release can start from. Valid events: ${known}.`,
        { next: 'Narrow the "on:" of the calling workflow to these events.' },
      );
  }
}

function readPush(source: EventSource): ReleaseEvent {
  const { payload } = source;
  const ref = textAt(payload, 'ref') ?? source.ref;
  if (flagAt(payload, 'deleted') || /^0+$/.test(textAt(payload, 'after') ?? ''))
    throw new InputError(
      `The push deleted ${quoted(ref)}: there is nothing left to build or release.`,
    );
  const from = readRef(ref, source);
  if ('tag' in from) return { kind: 'tag', tag: from.tag };
  return {
    kind: 'push',
    ...from,
    baseSha: flagAt(payload, 'created') ? undefined : commit(textAt(payload, 'before')),
  };
}

function readRef(
  ref: string,
  source: EventSource,
): { tag: string } | { branch: string; onDefaultBranch: boolean } {
  if (ref.startsWith('refs/tags/')) return { tag: ref.slice('refs/tags/'.length) };
  const branch = ref.replace(/^refs\/heads\//, '');
  if (branch === '' || branch.startsWith('refs/'))
    throw new InputError(
      `The event ${source.eventName} points to ${quoted(ref)}, which is neither a branch nor a tag.`,
    );
  const defaultBranch = valueAt(source.payload, ['repository', 'default_branch']) ?? 'main';
  if (typeof defaultBranch !== 'string')
    throw new InputError(
      `The repository.default_branch of the event ${source.eventName} is ${kindOfValue(defaultBranch)} where text is expected.`,
    );
  return { branch, onDefaultBranch: branch === defaultBranch };
}

/** A full commit id; undefined for anything else and for git's all-zero "no commit". */
function commit(text: string | undefined): string | undefined {
  if (text === undefined || !/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(text)) return undefined;
  return /^0+$/.test(text) ? undefined : text;
}
