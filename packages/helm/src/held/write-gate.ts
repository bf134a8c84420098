import { KubeError, type KubeClient, type RelayAnswer, type RelayedRequest } from '@slipway/kube';
import { decodeRelease, storagePath, writtenByHelm, type ReleaseRecord } from '../release/index.ts';
import type { StorageDriver } from '../tool/index.ts';
import { releaseIn } from './storage-body.ts';

/** A Helm that wanted to change something before it stored its revision. */
export class UnforeseenWriteError extends Error {
  constructor({ method, path }: Pick<RelayedRequest, 'method' | 'path'>) {
    super(`Helm wanted to ${method} ${path} before it stored its revision.`);
    this.name = 'UnforeseenWriteError';
  }
}

/** Stands between one Helm and its cluster: reads pass, and the first write waits. */
export interface WriteGate {
  rule: (request: RelayedRequest) => Promise<'pass' | RelayAnswer>;
  /** The revision that Helm is about to store. Rejects with an UnforeseenWriteError. */
  wanted: Promise<ReleaseRecord>;
  /** Lets Helm write from now on. */
  open(): void;
  /** Refuses all that Helm still wants to write. Does nothing once the gate is open. */
  shut(): void;
}

const reads: readonly string[] = ['GET', 'HEAD', 'OPTIONS'];

const refused: RelayAnswer = {
  status: 403,
  body: {
    kind: 'Status',
    apiVersion: 'v1',
    status: 'Failure',
    reason: 'Forbidden',
    code: 403,
    message: 'Slipway does not let this Helm write.',
  },
};

const done: RelayAnswer = {
  status: 200,
  body: { kind: 'Status', apiVersion: 'v1', status: 'Success' },
};

function answerOf(error: unknown): RelayAnswer {
  if (!(error instanceof KubeError) || error.status === 0) throw error;
  const { message, reason, status: code } = error;
  const status = { kind: 'Status', apiVersion: 'v1', status: 'Failure', message, reason, code };
  return { status: code, body: status };
}

/** The revision in the body of a request; undefined when it is none. */
function recordIn(
  request: RelayedRequest,
  { driver, release }: { driver: StorageDriver; release: string },
): ReleaseRecord | undefined {
  try {
    const written = releaseIn(request, (data) => writtenByHelm(driver, data));
    const record = written === undefined ? undefined : decodeRelease(written, 'The new revision');
    return record?.name === release ? record : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The gate of one `helm upgrade` of a release that is there. Before Helm stores the new revision it writes
 * nothing but the end of the oldest ones (helm/helm: pkg/storage/storage.go, Create); that is put off until
 * the gate opens. `kube` then does it.
 */
export function writeGate(
  kube: KubeClient,
  release: { driver: StorageDriver; release: string; namespace: string },
): WriteGate {
  const objects = storagePath(release.driver, release.namespace);
  const ours = `${objects}/sh.helm.release.v1.${release.release}.v`;
  const outdated = new Set<string>();
  const wanted = Promise.withResolvers<ReleaseRecord>();
  // Who dropped the upgrade before does not ask any more.
  wanted.promise.catch(() => undefined);
  const decided = Promise.withResolvers<'open' | 'shut'>();
  let state: 'closed' | 'open' | 'shut' = 'closed';
  const decide = (how: 'open' | 'shut'): void => {
    if (state !== 'closed') return;
    state = how;
    decided.resolve(how);
  };

  /** Waits for the word, and takes the outdated revisions away that Helm believes to be gone. */
  const store = async (): Promise<'pass' | RelayAnswer> => {
    if ((await decided.promise) === 'shut') return refused;
    try {
      for (const path of outdated) await kube.delete(path).catch(unlessGone);
      return 'pass';
    } catch (error) {
      return answerOf(error);
    }
  };

  return {
    rule: async (request) => {
      const { method, path } = request;
      if (reads.includes(method) || state === 'open') return 'pass';
      if (state === 'shut') return refused;
      if (method === 'DELETE' && path.startsWith(ours)) {
        outdated.add(path);
        return done;
      }
      const record = method === 'POST' && path === objects ? recordIn(request, release) : undefined;
      if (record !== undefined) {
        wanted.resolve(record);
        return await store();
      }
      decide('shut');
      wanted.reject(new UnforeseenWriteError(request));
      return refused;
    },
    wanted: wanted.promise,
    open: () => decide('open'),
    shut: () => decide('shut'),
  };
}

function unlessGone(error: unknown): void {
  if (!(error instanceof KubeError) || error.status !== 404) throw error;
}
