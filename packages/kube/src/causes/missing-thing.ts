import type { Cause } from './cause.ts';

/** An object that a pod refers to, and that is not there or lacks a key. */
export interface MissingThing {
  kind: 'Secret' | 'ConfigMap';
  name: string;
  /** The object is there, and lacks a key. */
  keyOnly: boolean;
}

const notFound = /\b(secret|configmap) "([^"]+)" not found/i;
/** The kubelet's words for an environment variable (pkg/kubelet, makeEnvironmentVariables). */
const lacksKey = /couldn't find key .+ in (Secret|ConfigMap) [^/\s]+\/([^\s:,]+)/i;
/** Event FailedToRetrieveImagePullSecret. */
const pullSecret = /Unable to retrieve some image pull secrets \(([^,)]+)/;

const kindOf = (word: string): MissingThing['kind'] =>
  word.toLowerCase() === 'secret' ? 'Secret' : 'ConfigMap';

/** What a message of the kubelet says is missing; undefined when it is none of these. */
export function missingThing({ message }: Pick<Cause, 'message'>): MissingThing | undefined {
  const [, word, name] = notFound.exec(message) ?? [];
  if (word !== undefined && name !== undefined) return { kind: kindOf(word), name, keyOnly: false };
  const [, holder, held] = lacksKey.exec(message) ?? [];
  if (holder !== undefined && held !== undefined)
    return { kind: kindOf(holder), name: held, keyOnly: true };
  const [, secret] = pullSecret.exec(message) ?? [];
  return secret === undefined ? undefined : { kind: 'Secret', name: secret, keyOnly: false };
}
