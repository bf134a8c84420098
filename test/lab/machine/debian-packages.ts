import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { Env } from '../places/cache-folder.ts';
import { findHostTools, missingPackages, systemPath, type HostTools } from './host-tools.ts';

/** How a package manager's command is run; rejects when it fails. */
export type RunCommand = (file: string, args: readonly string[], env: Env) => Promise<void>;

const execute = promisify(execFile);

/** Runs a command of this machine; a failure carries the end of what it printed. */
export const runCommand: RunCommand = async (file, args, env) => {
  try {
    await execute(file, [...args], { env: env, maxBuffer: 32 << 20 });
  } catch (error) {
    const { stderr } = error as { stderr?: string };
    const tail = (stderr ?? '').trim().split('\n').slice(-5).join('\n');
    throw new Error(`${file} ${args.join(' ')} failed:\n${tail}`, { cause: error });
  }
};

const policy =
  '#!/bin/sh\n# Left by the Slipway lab while it installs packages; safe to delete.\nexit 101\n';

/** What of a machine is asked and changed when tools are missing. */
export interface PackagePorts {
  run: RunCommand;
  find: (env: Env) => Partial<HostTools>;
  hasApt: boolean;
  /** invoke-rc.d(8) asks this program whether a service may start; 101 says no. */
  policyFile: string;
}

const machine: PackagePorts = {
  run: runCommand,
  find: findHostTools,
  hasApt: existsSync('/usr/bin/apt-get'),
  policyFile: '/usr/sbin/policy-rc.d',
};

/**
 * Installs packages without starting the services that some of them bring: the lab starts its own,
 * and another etcd or Prometheus would take the ports.
 */
async function installPackages(
  packages: readonly string[],
  env: Env,
  { run, policyFile }: PackagePorts,
): Promise<void> {
  const quiet: Env = { ...env, DEBIAN_FRONTEND: 'noninteractive', PATH: systemPath(env) };
  const install = ['install', '--yes', '--no-install-recommends', ...packages];
  const held = !existsSync(policyFile);
  if (held) await writeFile(policyFile, policy, { mode: 0o755 });
  try {
    // The lists of a fresh image are empty or old: what they cannot give is asked for again once.
    await run('apt-get', install, quiet).catch(async () => {
      await run('apt-get', ['update'], quiet);
      await run('apt-get', install, quiet);
    });
  } finally {
    if (held) await rm(policyFile, { force: true });
  }
}

/**
 * The machine's tools, with what is missing installed where there is apt-get. Elsewhere one message
 * names everything that is missing.
 */
export async function ensureHostTools(env: Env, ports: PackagePorts = machine): Promise<HostTools> {
  const before = ports.find(env);
  const missing = missingPackages(before);
  if (missing.length === 0) return before as HostTools;
  if (!ports.hasApt)
    throw new Error(
      `These are missing here, and without apt-get the lab cannot install them (by their names in Debian): ${missing.join(', ')}. Install them so that their programs are in PATH and the CNI plugins in /opt/cni/bin.`,
    );
  await installPackages(missing, env, ports);
  const after = ports.find(env);
  const still = missingPackages(after);
  if (still.length > 0)
    throw new Error(
      `apt-get installed ${missing.join(', ')}, but ${still.join(', ')} brought no program.`,
    );
  return after as HostTools;
}
