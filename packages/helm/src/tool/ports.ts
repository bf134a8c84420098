import type { Exec } from '@slipway/exec';
import type { Clock, Fetch, Log } from '@slipway/runtime';

/** What finding or fetching a Helm needs. */
export interface HelmToolPorts {
  exec: Exec;
  log: Log;
  fetch: Fetch;
  clock: Clock;
  env: Readonly<Record<string, string | undefined>>;
  /** The runner's tool cache, or its temp folder on a runner without one. */
  toolCache: string;
  os: 'linux' | 'darwin' | 'win32';
  /** Node's name of the architecture, `process.arch`. */
  arch: string;
  /** Where `helm-vX.Y.Z-os-arch.tar.gz` and `.sha256` are; https://get.helm.sh by default. */
  downloadBaseUrl?: string;
}
