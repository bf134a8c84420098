import { servicesOf, type Files } from '../corpus/index.ts';
import { gitDiff } from './git-diff.ts';
import type { Planner } from './planner.ts';

/** Files at the root that every project depends on, as `sharedGlobals` of nx.json names them. */
const globals = /^(?:go\.(?:mod|sum|work|work\.sum)|\.go-version|vendor\/.*)$/;

/** Folders that are a project each: services, libraries, tools and charts. */
function projectsOf(files: Files): ReadonlySet<string> {
  const projects = new Set<string>();
  for (const file of files.keys()) {
    const found = /^(?:services|internal|libs|tools|charts|third_party)\/[^/]+(?=\/)/.exec(file);
    if (found !== null) projects.add(found[0]);
  }
  return projects;
}

const projectOf = (projects: ReadonlySet<string>, file: string): string | undefined => {
  const folder = file.split('/').slice(0, 2).join('/');
  return projects.has(folder) ? folder : undefined;
};

/** Who depends on whom, read from the import lines of all Go files, tests too, and from `file://` of charts. */
function dependentsOf(files: Files, projects: ReadonlySet<string>): Map<string, Set<string>> {
  const dependents = new Map<string, Set<string>>();
  for (const [file, text] of files) {
    const dependent = projectOf(projects, file);
    if (dependent === undefined) continue;
    const named = file.endsWith('.go')
      ? text.matchAll(/"(?:example\.com\/[^/"]+|kit\.example\.org)\/([^"]+)"/g)
      : text.matchAll(/file:\/\/\.\.\/\.\.\/\.\.\/(\S+)/g);
    for (const [, path = ''] of named) {
      const project = projectOf(projects, path) ?? projectOf(projects, `third_party/${path}`);
      if (project === undefined || project === dependent) continue;
      dependents.set(project, (dependents.get(project) ?? new Set()).add(dependent));
    }
  }
  return dependents;
}

/**
 * An emulator of what nx does with a project for each folder: a project is affected when a file in it
 * changed, or one that it depends on is; a shared file affects all.
 */
export const nxStyle: Planner = {
  name: 'nx-style projects',
  version: 'emulator',
  plan: async ({ dir, before, files, repository }) => {
    const changed = await gitDiff(dir, before);
    const services = servicesOf(files);
    const shared = repository.sharedPaths.map((glob) => glob.replace(/\*\*$/, ''));
    if (changed.some((file) => globals.test(file) || shared.some((each) => file.startsWith(each))))
      return services.map(({ name }) => name);
    const projects = projectsOf(files);
    const dependents = dependentsOf(files, projects);
    const affected = new Set(changed.flatMap((file) => projectOf(projects, file) ?? []));
    // A set hands out what is added while it is walked.
    for (const project of affected)
      for (const dependent of dependents.get(project) ?? []) affected.add(dependent);
    return services.filter(({ folder }) => affected.has(folder)).map(({ name }) => name);
  },
};
