import { createHash } from 'node:crypto';
import { systemPath, type HostTools } from '../machine/host-tools.ts';
import type { Env } from '../places/cache-folder.ts';
import { isRunning, startDaemon, stopDaemon, waitUntil } from '../process/daemon.ts';
import type { Layout } from '../places/layout.ts';
import type { Programs } from '../build/programs.ts';
import type { Reporter } from './reporter.ts';
import { writeState, type LabState } from './state.ts';

/** Set in the environment of everything a lab starts, so that strays are known by it. */
export const daemonMarker = 'SLIPWAY_LAB_DAEMON';

/** One `up` at work. */
export interface Session {
  layout: Layout;
  state: LabState;
  env: Env;
  tools: HostTools;
  programs: Programs;
  reporter: Reporter;
}

/** A part of the lab that runs for as long as the lab does. */
export interface Part {
  name: string;
  file: string;
  args: readonly string[];
  /** Texts of its configuration files; a change of them starts it anew. */
  config?: readonly string[];
  /** Answers true once the part does its work. */
  probe: () => Promise<boolean>;
  timeoutMs: number;
  /** The cluster must answer in time also while the machine is busy building. */
  urgent?: boolean;
}

/**
 * Sees to it that a part runs and answers: left alone when it does, started when it does not, and
 * started anew when it was started with other arguments or another configuration.
 */
export async function ensurePart(session: Session, part: Part): Promise<void> {
  const { layout, state } = session;
  const before = state.daemons[part.name];
  const config = createHash('sha256')
    .update((part.config ?? []).join('\0'))
    .digest('hex');
  const same =
    before?.file === part.file &&
    before.config === config &&
    before.args.join('\0') === part.args.join('\0');
  if (!same) await stopDaemon(before);
  let record = same && isRunning(before) ? before : undefined;
  if (record === undefined) {
    record = await startDaemon({
      name: part.name,
      file: part.file,
      args: part.args,
      env: { PATH: systemPath(session.env), HOME: layout.state, [daemonMarker]: layout.state },
      logs: layout.logs,
      config,
      urgent: part.urgent ?? false,
    });
    state.daemons[part.name] = record;
    writeState(layout, state);
  }
  await waitUntil(part.name, record, part.timeoutMs, part.probe);
}
