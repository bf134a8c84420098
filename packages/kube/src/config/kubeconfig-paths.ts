import path from 'node:path';
import type { Env } from './kube-target.ts';

/** Where kubectl looks for kubeconfigs. */
export interface KubeconfigPaths {
  paths: readonly string[];
  /** `all`: the files of $KUBECONFIG together. `first`: the first of the home folders that has one. */
  take: 'all' | 'first';
}

/** Go's filepath.SplitList: on Windows a part in quotes may hold the separator. */
function splitList(list: string, windows: boolean): string[] {
  if (!windows) return list.split(':');
  const parts = list.match(/(?:"[^"]*"?|[^;"])+/g) ?? [];
  return parts.map((part) => part.replaceAll('"', ''));
}

/**
 * The files that kubectl would read: those of $KUBECONFIG (each once, empty entries left out), else
 * `.kube/config` in the home folder, of which Windows knows three (client-go, util/homedir).
 */
export function kubeconfigPaths(env: Env, windows = process.platform === 'win32'): KubeconfigPaths {
  const listed = env['KUBECONFIG'] ?? '';
  if (listed !== '') {
    const paths = splitList(listed, windows).filter((part) => part !== '');
    return { paths: [...new Set(paths)], take: 'all' };
  }
  const { HOME: home, HOMEDRIVE: drive = '', HOMEPATH: onDrive = '', USERPROFILE: profile } = env;
  const homes = windows
    ? [home, drive === '' || onDrive === '' ? undefined : drive + onDrive, profile]
    : [home];
  const system = windows ? path.win32 : path.posix;
  const paths = homes.flatMap((folder) =>
    folder === undefined || folder === '' ? [] : [system.join(folder, '.kube', 'config')],
  );
  return { paths: [...new Set(paths)], take: 'first' };
}
