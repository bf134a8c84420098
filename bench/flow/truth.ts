import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { Exec } from '@slipway/exec';
import { servicesOf, type Change, type Files, type SampleService } from './corpus/index.ts';

/**
 * What is measured of a commit, by service. Part of the key under which truths are kept: count it up
 * when what is measured changes.
 */
export const definition = 1;

/** What a service is at one commit. */
export interface ServiceState {
  /** SHA-256 of its program, or why there is none. */
  program: string;
  /** Outcome by test, of its own packages and of those that its program is made of. */
  tests: Readonly<Record<string, string>>;
  /** SHA-256 of the files that are deployed besides. */
  delivered: string;
}

/** Where and with what Go runs. */
export interface GoPlace {
  exec: Exec;
  /** A checkout of the commit. */
  dir: string;
  /** Where programs are built, one after the other. */
  program: string;
  env: Readonly<Record<string, string>>;
}

interface TestEvent {
  Action: string;
  Package?: string;
  Test?: string;
}

const sha256 = (data: Buffer | string): string => createHash('sha256').update(data).digest('hex');

/** Builds every service and runs every test of a checkout. */
export async function measure(
  place: GoPlace,
  files: Files,
  tags: NonNullable<Change['tags']>,
): Promise<ReadonlyMap<string, ServiceState>> {
  const outcomes = new Map<string, string>();
  for (const module of modulesOf(files)) await testModule(place, module, files, outcomes);
  const states = new Map<string, ServiceState>();
  for (const service of servicesOf(files)) {
    const flags = tags[service.name] === undefined ? [] : [`-tags=${tags[service.name] ?? ''}`];
    const made = await packagesOf(place, service, files, flags);
    const own = [...outcomes].filter(([test]) => made.has(test.split(' ')[0] ?? ''));
    states.set(service.name, {
      program: await buildProgram(place, service, files, flags),
      tests: Object.fromEntries(own.sort()),
      delivered: sha256(
        JSON.stringify(service.delivered.map((file) => [file, files.get(file) ?? ''])),
      ),
    });
  }
  return states;
}

/**
 * The services of the second commit that the change between two concerns, and how: those that are new, whose program
 * has other bytes or is built no more, of which a test has another outcome, came or went, or of which
 * another file is deployed besides.
 */
export function concerned(
  before: ReadonlyMap<string, ServiceState>,
  after: ReadonlyMap<string, ServiceState>,
): Readonly<Record<string, readonly string[]>> {
  const found: [string, readonly string[]][] = [];
  for (const [name, now] of after) {
    const was = before.get(name);
    if (was === undefined) {
      found.push([name, ['new']]);
      continue;
    }
    const how = [
      ...(was.program === now.program ? [] : ['program']),
      ...(JSON.stringify(was.tests) === JSON.stringify(now.tests) ? [] : ['tests']),
      ...(was.delivered === now.delivered ? [] : ['deployed files']),
    ];
    if (how.length > 0) found.push([name, how]);
  }
  return Object.fromEntries(found);
}

function modulesOf(files: Files): readonly string[] {
  return [...files.keys()]
    .filter((file) => /(?:^|\/)go\.mod$/.test(file) && !file.startsWith('vendor/'))
    .map((file) => path.posix.dirname(file))
    .sort();
}

/** The folder's module, and the environment that it is built in. */
function inModule(
  { dir, env }: GoPlace,
  folder: string,
  files: Files,
): { module: string; cwd: string; addEnv: Record<string, string> } {
  const module = modulesOf(files)
    .filter((each) => each === '.' || folder === each || folder.startsWith(`${each}/`))
    .sort((a, b) => b.length - a.length)[0];
  if (module === undefined) throw new Error(`${folder} is in no module`);
  const isUsed = files.get('go.work')?.includes(`\t./${module}\n`) === true;
  return {
    module,
    cwd: path.join(dir, module),
    addEnv: { ...env, GOWORK: isUsed ? '' : 'off' },
  };
}

async function testModule(
  place: GoPlace,
  module: string,
  files: Files,
  outcomes: Map<string, string>,
): Promise<void> {
  const { cwd, addEnv } = inModule(place, module, files);
  const { stdout } = await place.exec('go', ['test', '-json', '-vet=off', './...'], {
    cwd,
    addEnv,
    allowExitCodes: [0, 1, 2],
    maxStdoutBytes: 64 * 1024 * 1024,
  });
  for (const line of stdout.split('\n')) {
    if (!line.startsWith('{')) continue;
    const { Action, Package, Test } = JSON.parse(line) as TestEvent;
    if (Package === undefined || !['pass', 'fail', 'skip'].includes(Action)) continue;
    // A package of which no test ran is skipped; that says nothing of a program.
    if (Test === undefined && Action === 'skip') continue;
    outcomes.set(`${Package} ${Test ?? ''}`.trim(), Action);
  }
}

/** Import paths of the packages below a service's folder and of those that its program is made of. */
async function packagesOf(
  place: GoPlace,
  service: SampleService,
  files: Files,
  flags: readonly string[],
): Promise<ReadonlySet<string>> {
  const { module, cwd, addEnv } = inModule(place, service.program, files);
  const list = async (args: readonly string[]): Promise<readonly string[]> => {
    const { stdout } = await place.exec('go', ['list', '-e', ...flags, ...args], {
      cwd,
      addEnv,
    });
    return stdout.trim().split('\n');
  };
  const inside = (folder: string): string => `./${path.posix.relative(module, folder)}`;
  return new Set([
    ...(await list(['-deps', inside(service.program)])),
    ...(await list([`${inside(service.folder)}/...`])),
  ]);
}

async function buildProgram(
  place: GoPlace,
  service: SampleService,
  files: Files,
  flags: readonly string[],
): Promise<string> {
  const { module, cwd, addEnv } = inModule(place, service.program, files);
  rmSync(place.program, { force: true });
  const plain = ['build', '-trimpath', '-buildvcs=false', '-ldflags=-buildid=', ...flags];
  const built = await place.exec(
    'go',
    [...plain, '-o', place.program, `./${path.posix.relative(module, service.program)}`],
    { cwd, addEnv, allowExitCodes: [0, 1, 2] },
  );
  if (built.exitCode !== 0 || !existsSync(place.program)) return 'does not build';
  return sha256(readFileSync(place.program));
}
