import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fromCore, type KubeEvent } from '../src/client/events.ts';
import type { CoreEvent, Pod, ReplicaSet } from '../src/index.ts';

/** What a real cluster (1.36.3) said of one sick workload. */
export interface Captured {
  pod: Pod;
  replicaSet: ReplicaSet;
  events: KubeEvent[];
}

/** Raw events in the one form, newest first, as `readEvents` gives them. */
export function eventsOf(raw: readonly CoreEvent[]): KubeEvent[] {
  return raw.map(fromCore).sort((a, b) => b.lastMs - a.lastMs);
}

/** Reads `captured/<name>.json`: a pod (or a replica set) with its events. */
export function captured(name: string): Captured {
  const file = path.join(import.meta.dirname, 'captured', `${name}.json`);
  const { pod, replicaSet, events } = JSON.parse(readFileSync(file, 'utf8')) as {
    pod: Pod;
    replicaSet: ReplicaSet;
    events: CoreEvent[];
  };
  return { pod, replicaSet, events: eventsOf(events) };
}
