import type { Exec } from '@slipway/exec';
import { gta } from './gta.ts';
import { nxStyle } from './nx-style.ts';
import { pathsFilter } from './paths-filter.ts';
import type { Planner } from './planner.ts';
import { slipway } from './slipway.ts';

export type { Planner, PushedChange } from './planner.ts';

/**
 * Slipway and its peers. Of those that are programs of others only the ones that the environment names:
 * `PATHS_FILTER`, a checkout of dorny/paths-filter, and `GTA`, the program of digitalocean/gta.
 */
export async function availablePlanners(
  exec: Exec,
  env: Readonly<Record<string, string | undefined>>,
): Promise<readonly Planner[]> {
  const planners = [slipway];
  const { PATHS_FILTER: checkout, GTA: program } = env;
  if (checkout === undefined)
    console.log('Without PATHS_FILTER=<checkout of dorny/paths-filter> that is not measured.');
  else {
    const git = await exec('git', ['-C', checkout, 'rev-parse', '--short=7', 'HEAD']);
    for (const rules of ['all libraries', 'libraries by service'] as const)
      planners.push(pathsFilter(checkout, git.stdout.trim(), rules));
  }
  planners.push(nxStyle);
  if (program === undefined)
    console.log('Without GTA=<program of digitalocean/gta> that is not measured.');
  else {
    const { stdout } = await exec('go', ['version', '-m', program]);
    const [, tools = 'unknown'] = /golang\.org\/x\/tools\s+(\S+)/.exec(stdout) ?? [];
    planners.push(gta(exec, program, `with golang.org/x/tools ${tools}`));
  }
  return planners;
}
