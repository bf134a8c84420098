import type { Exec } from '@slipway/exec';
import { globMatcher } from '@slipway/glob';
import {
  affectedPackages,
  affectedServices,
  affectedTests,
  allTests,
  changedFiles,
  changedPackages,
  namesThroughLinks,
  packagesOf,
  readDependencyChanges,
  readVendorChanges,
  readWorkspaceChanges,
  testsOf,
  type ImportGraph,
  type ModuleTests,
} from '@slipway/go';
import { count, type Log } from '@slipway/runtime';
import type { ReleaseEvent } from './event/index.ts';
import type { AffectedServices } from './release-plan.ts';
import { idleOwnFiles } from './idle-own-files.ts';
import { readSettingChanges } from './setting-changes.ts';
import { serviceFiles, type Repository, type Service } from './service/index.ts';
import { shownFile } from './shown-file.ts';

/** What is asked of a change. */
export interface AffectedQuestion {
  repository: Repository;
  services: readonly Service[];
  event: ReleaseEvent;
  /** The user's own base, which goes before the event's. */
  baseRef: string;
  /** Commits that services are compared with instead, by name: those that are deployed, never none. */
  bases?: ReadonlyMap<string, readonly string[]>;
  /** Services that are due whatever changed, by name, and why. */
  due?: ReadonlyMap<string, string>;
  /** Globs of files whose change concerns every service. */
  sharedPaths: readonly string[];
}

export type ChangeQuestion = Pick<AffectedQuestion, 'repository' | 'sharedPaths' | 'services'>;

/** What one base says of the services that are compared with it. */
export interface Comparison {
  names: readonly string[];
  because: ReadonlyMap<string, string>;
  tests: readonly ModuleTests[];
  why: string;
  /** The commit, when the change since is known. */
  since?: string;
}

/**
 * The services that the change behind an event concerns, from git and the Go import graph, and what of
 * all modules it can break. When either cannot answer, that is everything, with a notice that says why:
 * never nothing.
 */
export async function findAffected(
  ports: { exec: Exec; log: Log },
  question: AffectedQuestion,
): Promise<AffectedServices> {
  const { event, services, due = new Map<string, string>() } = question;
  const isPullRequest = event.kind === 'pull-request';
  const eventBase = isPullRequest || event.kind === 'push' ? event.baseSha : undefined;
  const compared = await compare(ports, question, {
    services: services.filter(({ name }) => question.bases?.has(name) !== true && !due.has(name)),
    base: question.baseRef === '' ? eventBase : question.baseRef,
    sinceForkPoint: isPullRequest,
    headSha: isPullRequest && question.baseRef === '' ? event.headSha : undefined,
  });
  const all = [compared];
  // A file that changed says more of a service, so that the others go before.
  if (due.size > 0) all.push(whateverChanged(question.repository, services, due));
  for (const base of new Set([...(question.bases?.values() ?? [])].flat()))
    all.push(
      await compare(ports, question, {
        services: services.filter(({ name }) => question.bases?.get(name)?.includes(base)),
        base,
        sinceForkPoint: false,
        headSha: undefined,
      }),
    );
  const because = new Map(all.flatMap((each) => [...each.because]));
  const names = new Set(all.flatMap((each) => each.names));
  for (const [name, reason] of because) ports.log.info(`${name} is affected by ${reason}`);
  return {
    names: services.map(({ name }) => name).filter((name) => names.has(name)),
    because,
    tests: mergeTests(all.flatMap(({ tests }) => tests)),
    why: [...new Set(all.map(({ why }) => why))].join('; '),
    ...(all.length === 1 && compared.since !== undefined ? { since: compared.since } : {}),
  };
}

/** Services that are due without a change. */
function whateverChanged(
  repository: Repository,
  services: readonly Service[],
  due: ReadonlyMap<string, string>,
): Comparison {
  const names = [...due.keys()];
  return {
    names,
    because: due,
    tests: testsOfServices(repository, services, names),
    why: `${count(names.length, 'service')} due in any case`,
  };
}

/** The tests of everything in a repository; without a graph, of every module. */
export function everyTest({ graph, modules }: Repository): readonly ModuleTests[] {
  if (graph !== undefined) return allTests(graph);
  return modules.modules.map(({ folder }) => ({ module: folder, patterns: ['./...'] }));
}

/** The tests of all that some services are made of. */
export function testsOfServices(
  repository: Repository,
  services: readonly Service[],
  names: readonly string[],
): readonly ModuleTests[] {
  const { graph } = repository;
  if (graph === undefined) return everyTest(repository);
  return testsOf(graph, packagesOf(graph, services.map(serviceFiles), names), () => false);
}

/** What changed since one base, and which of the services asked for that concerns. */
export async function compare(
  { exec, log }: { exec: Exec; log: Log },
  { repository, sharedPaths, services: allServices }: ChangeQuestion,
  asked: {
    services: readonly Service[];
    base: string | undefined;
    sinceForkPoint: boolean;
    headSha: string | undefined;
  },
): Promise<Comparison> {
  const { root, graph, whyNot, builds } = repository;
  // Services with another base are told by that one; without any it is tests that are asked for.
  const some = asked.services.map(({ name }) => name).join(', ');
  const all = some === '' ? 'every package' : 'every service';
  const who = some === '' || asked.services.length === allServices.length ? all : some;
  const every = (why: string): Comparison => {
    const subject = who === all ? all.replace('e', 'E') : who;
    log.notice(`${subject} counts as affected: ${why}.`, { title: 'release-context' });
    return {
      names: asked.services.map(({ name }) => name),
      because: new Map(),
      tests: everyTest(repository),
      why: `${who}: ${why}`,
    };
  };
  const { base, sinceForkPoint, headSha } = asked;
  const change = await changedFiles(exec, { root, base, sinceForkPoint, headSha });
  if (!change.known) return every(change.why);
  if (graph === undefined) return every(whyNot);
  const matchers = sharedPaths.map(globMatcher);
  const { byModule, unsure } = await readDependencyChanges(exec, {
    root,
    tree: graph.tree,
    base: change.from,
    files: change.files,
  });
  for (const each of unsure) log.notice(`More counts as affected: ${each}.`);
  const named = [...change.files, ...namesThroughLinks(repository.links, change.files)];
  const isShared = (file: string): boolean => matchers.some((matches) => matches(file));
  const at = { root, base: change.from };
  const idle = await idleOwnFiles(exec, { ...at, files: named, graph, services: allServices });
  const files = named.filter((file) => isShared(file) || !idle.has(file));
  const asks = { ...at, files };
  const vendored = await readVendorChanges(exec, { ...asks, builds });
  const workspaces = await readWorkspaceChanges(exec, { ...asks, tree: graph.tree });
  const found = concerned(graph, asked.services, {
    files,
    concernsAll: isShared,
    dependencies: byModule,
    vendored,
    workspaces,
    services: allServices,
  });
  const settings = await readSettingChanges(exec, {
    root,
    base: change.from,
    files: change.files,
    services: asked.services,
  });
  for (const each of settings.unsure) log.notice(`Every service counts as affected: ${each}`);
  const since = `${count(change.files.length, 'changed file')} since ${change.base.slice(0, 7)}`;
  return {
    names: [...new Set([...found.because.keys(), ...settings.because.keys()])],
    because: new Map([...settings.because, ...found.because]),
    tests: [
      ...found.tests,
      ...testsOfServices(repository, allServices, [...settings.because.keys()]),
    ],
    why: [since, ...unsure, ...settings.unsure].join('; '),
    since: change.from,
  };
}

function concerned(
  graph: ImportGraph,
  services: readonly Service[],
  change: Parameters<typeof changedPackages>[1] & { services: readonly Service[] },
): { because: ReadonlyMap<string, string>; tests: readonly ModuleTests[] } {
  const changed = changedPackages(graph, change);
  const packages = affectedPackages(graph, changed);
  const names = new Set(services.map(({ name }) => name));
  const affected = affectedServices(graph, change.services.map(serviceFiles), {
    files: change.files,
    changed,
    packages,
  });
  return {
    because: new Map(
      [...affected]
        .filter(([name]) => names.has(name))
        .map(([name, file]) => [name, shownFile(file)]),
    ),
    tests: affectedTests(graph, changed, packages),
  };
}

function mergeTests(tests: readonly ModuleTests[]): readonly ModuleTests[] {
  const merged = new Map<string, Set<string>>();
  for (const { module, patterns } of tests)
    merged.set(module, new Set([...(merged.get(module) ?? []), ...patterns]));
  return [...merged]
    .map(([module, patterns]) => ({
      module,
      patterns: patterns.has('./...') ? ['./...'] : [...patterns].sort(),
    }))
    .sort((a, b) => (a.module < b.module ? -1 : 1));
}
