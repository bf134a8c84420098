import { existsSync } from 'node:fs';
import path from 'node:path';
import { runBundle } from '@slipway/testing';
import { pushEvent } from '../../../test/fixtures/github-events.ts';
import { servicesOf, type SampleRepository } from '../corpus/index.ts';
import type { Planner, PushedChange } from './planner.ts';

/** How the rules are kept: one list of all libraries, or for each service those that it was made of. */
type Rules = 'all libraries' | 'libraries by service';

const moduleFiles = ['go.mod', 'go.sum', 'go.work', 'go.work.sum', '.go-version', 'vendor/**'];

/** The libraries that a rule names beside the service's own folder. A new service gets the rule of a careful author. */
function librariesOf(
  repository: SampleRepository,
  service: string,
  rules: Rules,
): readonly string[] {
  if (rules === 'all libraries') return [...repository.libraries, 'charts'];
  return repository.dependencies[service] ?? repository.libraries;
}

/** The filters that a repository's people would write for it. */
function filters({ repository, files }: PushedChange, rules: Rules): string {
  const names = new Set([
    ...Object.keys(repository.dependencies),
    ...servicesOf(files).map(({ name }) => name),
  ]);
  // JSON is YAML.
  return JSON.stringify(
    Object.fromEntries(
      [...names].map((name) => [
        name,
        [
          `services/${name}/**`,
          ...librariesOf(repository, name, rules).map((folder) => `${folder}/**`),
          ...moduleFiles,
          ...repository.sharedPaths,
        ],
      ]),
    ),
  );
}

/** dorny/paths-filter in a checkout of it, with its bundle as it is published. */
export function pathsFilter(checkout: string, version: string, rules: Rules): Planner {
  const entry = path.join(checkout, 'dist', 'index.js');
  if (!existsSync(entry)) throw new Error(`${entry} is not there: PATHS_FILTER is no checkout.`);
  return {
    name: `paths-filter, ${rules}`,
    version,
    plan: async (pushed) => {
      const commits = [{ sha: pushed.after, message: pushed.change.name }] as const;
      const event = pushEvent({ before: pushed.before, commits });
      const filtered = await runBundle({
        action: 'paths-filter',
        entry,
        workspace: pushed.dir,
        event,
        inputs: { token: '', base: pushed.before, filters: filters(pushed, rules) },
        env: event.env,
      });
      if (filtered.exitCode !== 0) throw new Error(filtered.stdout);
      return JSON.parse(filtered.outputs['changes'] ?? '[]') as string[];
    },
  };
}
