import type { Exec } from '@slipway/exec';
import type { Run } from '@slipway/runtime';

/** What building, packing and pushing need from outside. */
export type CrossBuildPorts = Pick<
  Run,
  'clock' | 'env' | 'log' | 'maskSecret' | 'runner' | 'signal'
> & { exec: Exec };
