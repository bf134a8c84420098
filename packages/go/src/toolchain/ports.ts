import type { Exec } from '@slipway/exec';
import type { Clock, Fetch, Log } from '@slipway/runtime';

/** What finding and installing a toolchain needs of the world. */
export interface ToolchainPorts {
  fetch: Fetch;
  exec: Exec;
  log: Log;
  clock: Clock;
  env: Readonly<Record<string, string | undefined>>;
  signal: AbortSignal;
}
