import { mkdirSync, rmSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { systemExec, type Exec } from '@slipway/exec';
import { fakeLog } from '@slipway/testing';
import { initScratchGit } from '../../../test/fixtures/scratch-git.ts';
import { writeFiles } from '../../../test/fixtures/shop-edits.ts';
import {
  discoverServices,
  findAffected,
  rootPatterns,
  taggedTests,
  testEntries,
  type Service,
  type TestEntry,
} from '../src/index.ts';

/** Texts by file; a file without a text is removed. */
export type Files = Readonly<Record<string, string | undefined>>;

/** A repository before and after a change, and how its services are planned. */
export interface ChangedRepository {
  /** Where to make it. */
  dir: string;
  files: Files;
  edit: Files;
  /** What each symbolic link says, by its name. */
  links?: Readonly<Record<string, string>>;
  globs?: readonly string[];
  sharedPaths?: readonly string[];
  /** Names of services, and whether their base is the first commit (`true`) or one that is not there. */
  deployed?: Readonly<Record<string, boolean>>;
  /** Services that are due whatever changed, and why. */
  due?: Readonly<Record<string, string>>;
  exec?: Exec;
}

/** What a push of the change is planned to do. */
export interface PlannedChange {
  services: readonly Service[];
  names: readonly string[];
  because: Readonly<Record<string, string>>;
  entries: readonly TestEntry[];
  /** Package patterns by module. */
  tests: Readonly<Record<string, readonly string[]>>;
  packages: readonly string[];
  said: readonly string[];
  why: string;
}

/** The port that the tests of a plan run git and go with. */
export const realExec: Exec = systemExec({ log: fakeLog(), env: process.env });

async function write(dir: string, files: Files): Promise<void> {
  for (const [name, text] of Object.entries(files))
    if (text === undefined) rmSync(path.join(dir, name), { recursive: true });
    else await writeFiles({ [name]: text })(dir);
}

/** Makes the repository, commits the change and plans a push of it, with the real git and go. */
export async function planChange(given: ChangedRepository): Promise<PlannedChange> {
  const exec = given.exec ?? realExec;
  const git = await initScratchGit(given.dir);
  await write(git.dir, given.files);
  for (const [name, target] of Object.entries(given.links ?? {})) {
    mkdirSync(path.dirname(path.join(git.dir, name)), { recursive: true });
    symlinkSync(target, path.join(git.dir, name));
  }
  const baseSha = await git.commit('before');
  await write(git.dir, given.edit);
  await git.commit('after');
  const { services, repository } = await discoverServices(exec, git.dir, {
    globs: given.globs ?? ['services/*'],
    targets: ['linux/amd64'],
    cgo: '',
  });
  const log = fakeLog();
  const found = await findAffected(
    { exec, log },
    {
      repository,
      services,
      event: { kind: 'push', branch: 'main', onDefaultBranch: true, baseSha },
      baseRef: '',
      bases: new Map(
        Object.entries(given.deployed ?? {}).map(([name, isThere]) => [
          name,
          [isThere ? baseSha : 'd'.repeat(40)],
        ]),
      ),
      due: new Map(Object.entries(given.due ?? {})),
      sharedPaths: given.sharedPaths ?? [],
    },
  );
  const tagged = taggedTests(repository, services, { tests: found.tests, usual: [] });
  const entries = testEntries(repository.modules, tagged);
  return {
    services,
    names: [...found.names].sort(),
    because: Object.fromEntries(found.because),
    entries,
    tests: Object.fromEntries(
      entries.map(({ module, packages }) => [module, packages.trim().split('\n')]),
    ),
    packages: rootPatterns(repository.modules, found.tests),
    said: log.lines.map(({ message }) => message),
    why: found.why,
  };
}
