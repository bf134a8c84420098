import { promises as fs } from 'node:fs';
import { ExecError, type Exec } from '@slipway/exec';
import { globMatcher } from '@slipway/glob';
import {
  affectedPackages,
  affectedServices,
  changedFiles,
  gitIn,
  moduleFolders,
  readImportGraph,
  type AffectedBy,
} from '@slipway/go';
import type { Log } from '@slipway/runtime';
import type { ReleaseEvent } from './event.ts';
import type { AffectedServices } from './release-plan.ts';
import type { Service } from './service.ts';

/** What is asked of a change. */
export interface AffectedQuestion {
  root: string;
  services: readonly Service[];
  event: ReleaseEvent;
  /** The user's own base, which goes before the event's. */
  baseRef: string;
  /** Globs of files whose change concerns every service. */
  sharedPaths: readonly string[];
}

/**
 * The services that the change behind an event concerns, from git and the Go import graph. When
 * either cannot answer, that is every service, with a notice that says why: never none.
 */
export async function findAffected(
  ports: { exec: Exec; log: Log },
  question: AffectedQuestion,
): Promise<AffectedServices> {
  const { event, services } = question;
  const every = (why: string): AffectedServices => {
    ports.log.notice(`Every service counts as affected: ${why}.`, { title: 'release-context' });
    return {
      names: services.map(({ name }) => name),
      packages: ['./...'],
      why: `every service: ${why}`,
    };
  };
  const isPullRequest = event.kind === 'pull-request';
  const eventBase = isPullRequest || event.kind === 'push' ? event.baseSha : undefined;
  const change = await changedFiles(ports.exec, {
    root: question.root,
    base: question.baseRef === '' ? eventBase : question.baseRef,
    sinceForkPoint: isPullRequest,
    headSha: isPullRequest && question.baseRef === '' ? event.headSha : undefined,
  });
  if (!change.known) return every(change.why);
  const matchers = question.sharedPaths.map(globMatcher);
  try {
    const { affected, packages } = await readAffected(ports.exec, question, {
      files: change.files,
      concernsAll: (file) => matchers.some((matches) => matches(file)),
    });
    for (const [name, file] of affected) ports.log.info(`${name} is affected by ${file}`);
    return {
      names: [...affected.keys()],
      packages,
      why: `${change.files.length} changed ${change.files.length === 1 ? 'file' : 'files'} since ${change.base.slice(0, 7)}`,
    };
  } catch (error) {
    if (error instanceof ExecError)
      return every(`the import graph could not be read (${error.message.split('\n')[0]})`);
    throw error;
  }
}

async function readAffected(
  exec: Exec,
  question: AffectedQuestion,
  change: { files: readonly string[]; concernsAll: (file: string) => boolean },
): Promise<{ affected: AffectedBy; packages: readonly string[] }> {
  const { root, services } = question;
  const tracked = await gitIn(exec, root)(['ls-files', '-z', '--', ':(glob)**/go.mod']);
  const graph = await readImportGraph(exec, {
    // The go command prints folders with links resolved.
    root: await fs.realpath(root),
    moduleFolders: moduleFolders(tracked.split('\0')),
    targets: services.flatMap(({ targets }) => targets),
  });
  const affected = affectedServices(
    graph,
    services.map(({ name, path, package: mainPackage, sharedPaths }) => ({
      name,
      path,
      mainFolder: mainPackage.replace(/^\.\//, ''),
      sharedPaths,
    })),
    change,
  );
  return { affected, packages: affectedPackages(graph, change) };
}
