import path from 'node:path';
import type { Exec } from '@slipway/exec';
import { servicesOf } from '../corpus/index.ts';
import type { Planner } from './planner.ts';

/**
 * digitalocean/gta, asked in each module for the packages that changed and their dependents. A service
 * is concerned when a package in its folder is.
 */
export function gta(exec: Exec, program: string, version: string): Planner {
  return {
    name: 'gta',
    version,
    plan: async ({ dir, before, files, goEnv }) => {
      const listed: string[] = [];
      for (const [file, text] of files) {
        const module = /^module (\S+)/m.exec(text)?.[1];
        if (!/(?:^|\/)go\.mod$/.test(file) || module === undefined) continue;
        if (file.startsWith('tools/') || file.startsWith('third_party/')) continue;
        const { stdout, exitCode } = await exec(
          program,
          ['-base', before, '-include', module, '-json', '-buildable-only=false'],
          { cwd: path.dirname(path.join(dir, file)), addEnv: goEnv, allowExitCodes: [0, 1] },
        );
        if (exitCode !== 0) return undefined;
        const { all_changes: changes } = JSON.parse(stdout) as { all_changes?: string[] };
        listed.push(...(changes ?? []));
      }
      const root = /^module (\S+)/m.exec(files.get('go.mod') ?? '')?.[1];
      return servicesOf(files)
        .filter(({ folder }) => {
          const own = /^module (\S+)/m.exec(files.get(`${folder}/go.mod`) ?? '')?.[1];
          const at = own ?? `${root ?? ''}/${folder}`;
          return listed.some((each) => each === at || each.startsWith(`${at}/`));
        })
        .map(({ name }) => name);
    },
  };
}
