import * as fs from 'node:fs/promises';
import path from 'node:path';
import type { Exec } from '@slipway/exec';
import {
  downloadModules,
  goSetting,
  hasAccess,
  parseAccessPlace,
  placesOf,
  writePrivateAccess,
  type GoFolders,
  type OwnRepository,
} from '@slipway/go';
import { CredentialLeftError, type Log, type RunnerEnvironment } from '@slipway/runtime';
import type { PrivateModules } from './private-inputs.ts';

const namePrefix = 'slipway-private-';

/** Set for the rest of a job that may hold credentials, so that post runs after a cancel too (`post-if` in action.yml). */
export const heldAccess = 'SLIPWAY_PRIVATE_ACCESS';

/** What private modules are reached from. */
export interface PrivateStep {
  modules: PrivateModules;
  verify: boolean;
  /** Absolute: the folder of a module or a workspace. */
  folder: string;
  go: string;
  folders: GoFolders | undefined;
  runner: RunnerEnvironment;
  /** With the patterns in GOPRIVATE. */
  env: Env;
  /** Hears of the folder of the credentials before anything lies in it: a process that is killed returns nothing. */
  onFolder: (folder: string) => void;
  exportVariable: (name: string, value: string) => void;
  signal: AbortSignal;
}

type Env = Readonly<Record<string, string | undefined>>;

/** The job's environment with the patterns behind those that GOPRIVATE has already. */
export function withPatterns(
  patterns: readonly string[],
  env: Env,
  settings: Readonly<Record<string, string>>,
): Env {
  if (patterns.length === 0) return env;
  const before = (goSetting(env, settings, 'GOPRIVATE') ?? '').split(',');
  const all = new Set([...before, ...patterns].filter((pattern) => pattern !== ''));
  return { ...env, GOPRIVATE: [...all].join(',') };
}

/** Where steps that work on the job's own repository keep their own way. */
function ownRepository({ workspace, serverUrl, repository }: RunnerEnvironment) {
  const host = URL.parse(serverUrl)?.host ?? '';
  const place = parseAccessPlace(`${host}/${repository}`);
  return repository === '' || place === undefined
    ? undefined
    : ({ workspace, place } satisfies OwnRepository);
}

/**
 * Makes private modules reachable: for this step, which downloads those of a folder so that later steps find them
 * without credentials, or for all steps of the job, whose variables are exported. The credentials lie in a folder of
 * their own below the runner's temp folder. It is gone when this returns, unless it is for the job; and whatever came
 * of it when this throws. Throws ActionError when modules cannot be downloaded.
 */
export async function reachPrivateModules(
  { exec, log }: { exec: Exec; log: Log },
  step: PrivateStep,
): Promise<void> {
  const { modules, folders, env, runner } = step;
  const isForJob = modules.span === 'job';
  if (modules.patterns.length > 0) step.exportVariable('GOPRIVATE', env['GOPRIVATE'] ?? '');
  const download = (more: Readonly<Record<string, string>>): Promise<void> =>
    downloadModules(
      { exec, log },
      {
        go: step.go,
        folder: step.folder,
        secrets: modules.secrets,
        verify: step.verify,
        env: {
          GOTOOLCHAIN: 'local',
          GOROOT: undefined,
          ...(folders === undefined
            ? {}
            : { GOMODCACHE: folders.moduleCache, GOCACHE: folders.buildCache }),
          ...more,
        },
        signal: step.signal,
      },
    );
  if (!hasAccess(modules.access)) {
    if (step.verify) await download({});
    return;
  }
  const folder = await fs.mkdtemp(path.join(runner.tempDir, namePrefix));
  step.onFolder(folder);
  let isKept = false;
  try {
    const own = isForJob ? ownRepository(runner) : undefined;
    const variables = await writePrivateAccess(folder, modules.access, {
      env,
      span: modules.span,
      ...(own === undefined ? {} : { own }),
    });
    if (!isForJob || step.verify) await download(variables);
    if (isForJob) {
      for (const [name, value] of Object.entries(variables)) step.exportVariable(name, value);
      const places = placesOf(modules.access.credentials);
      log.info(
        `Until the job ends, git and go reach ${places || 'private modules'} with credentials.`,
      );
    }
    isKept = isForJob;
  } finally {
    if (!isKept) await fs.rm(folder, { recursive: true, force: true });
  }
}

/** Whether `value` is a folder as `onFolder` hears of it. */
export function isAccessFolder(value: unknown): value is string {
  return typeof value === 'string' && path.basename(value).startsWith(namePrefix);
}

/** Removes the credentials of a job, or of a step that was killed. Throws CredentialLeftError when they are still there afterwards. */
export async function removeAccessFolder(folder: string): Promise<void> {
  try {
    await fs.rm(folder, { recursive: true, force: true });
  } catch (cause) {
    throw new CredentialLeftError(
      'Credentials for private modules could not be removed from this runner.',
      { next: `Remove ${folder} by hand.`, cause },
    );
  }
}
