import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Env } from '../places/cache-folder.ts';

/** Programs of the machine that the lab runs, by their paths. */
export interface HostTools {
  etcd: string;
  containerd: string;
  ctr: string;
  runc: string;
  prometheus: string;
  iptables: string;
  ip: string;
  /** Folder of the CNI plugins. */
  cniPlugins: string;
}

/** The Debian package that each tool comes in. */
export const debianPackages: Readonly<Record<keyof HostTools, string>> = {
  etcd: 'etcd-server',
  containerd: 'containerd',
  ctr: 'containerd',
  runc: 'runc',
  prometheus: 'prometheus',
  iptables: 'iptables',
  ip: 'iproute2',
  cniPlugins: 'containernetworking-plugins',
};

// A user's PATH often lacks the folders of programs for the administrator.
const extraFolders = [
  '/usr/local/sbin',
  '/usr/local/bin',
  '/usr/sbin',
  '/usr/bin',
  '/sbin',
  '/bin',
];
const pluginFolders = ['/usr/lib/cni', '/opt/cni/bin', '/usr/libexec/cni'];

/** PATH with the administrator's folders behind it. */
export function systemPath(env: Env): string {
  const own = (env['PATH'] ?? '').split(path.delimiter).filter((folder) => folder !== '');
  return [...new Set([...own, ...extraFolders])].join(path.delimiter);
}

/** What is there of the tools. */
export function findHostTools(
  env: Env,
  exists: (file: string) => boolean = existsSync,
): Partial<HostTools> {
  const folders = systemPath(env).split(path.delimiter);
  const found: Partial<HostTools> = {};
  for (const name of Object.keys(debianPackages) as (keyof HostTools)[]) {
    const candidates =
      name === 'cniPlugins'
        ? pluginFolders.filter((folder) => exists(path.join(folder, 'bridge')))
        : folders.map((folder) => path.join(folder, name)).filter((file) => exists(file));
    if (candidates[0] !== undefined) found[name] = candidates[0];
  }
  return found;
}

/** The Debian packages that would bring what is missing, each once. */
export function missingPackages(found: Partial<HostTools>): string[] {
  const missing = (Object.keys(debianPackages) as (keyof HostTools)[])
    .filter((name) => found[name] === undefined)
    .map((name) => debianPackages[name]);
  return [...new Set(missing)].sort();
}

const execute = promisify(execFile);

/** The version that a program tells with --version, on either stream; empty when it tells none. */
export async function toolVersion(file: string): Promise<string> {
  const { stdout, stderr } = await execute(file, ['--version']).catch(() => ({
    stdout: '',
    stderr: '',
  }));
  return /\bv?(\d+\.\d+\.\d+\S*)/.exec(stdout + stderr)?.[1] ?? '';
}
