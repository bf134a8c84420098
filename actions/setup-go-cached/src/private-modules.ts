import * as fs from 'node:fs/promises';
import path from 'node:path';
import { ExecError, type Exec } from '@slipway/exec';
import type { GoFolders } from '@slipway/go';
import { ActionError, CredentialLeftError, type Log } from '@slipway/runtime';

/** What `go mod download` does, reaches and waits for is the user's; this is where it counts as stuck. */
const timeoutMs = 15 * 60_000;
/** What git and Go read in the home folder besides; links to them stand in the one with the credentials. */
const kept = ['.gitconfig', '.config', '.ssh'] as const;

const namePrefix = 'slipway-netrc-';

/** What private modules are downloaded with. */
export interface PrivateModules {
  /** Lines of a .netrc. */
  netrc: string;
  /** Absolute: the folder of a module or a workspace. */
  folder: string;
}

/** The words of a .netrc that are secret. */
export function netrcPasswords(netrc: string): readonly string[] {
  return [...netrc.matchAll(/(?:^|\s)(?:password|account)\s+(\S+)/g)].map(([, word = '']) => word);
}

/**
 * Downloads the modules of a folder with credentials that nothing else gets to see: they lie in a home folder
 * of their own (mode 0600), where both git and the go command look for a .netrc, and are gone when this
 * returns, whatever came of it. What was downloaded stays in the module cache, and jobs find it there without
 * them. `onFolder` hears of the folder before anything lies in it: a process that is killed returns nothing.
 * Throws ActionError when the go command fails.
 */
export async function downloadPrivateModules(
  { exec, log }: { exec: Exec; log: Log },
  given: {
    modules: PrivateModules;
    go: string;
    folders: GoFolders | undefined;
    /** The user's own home; undefined or empty when there is none. */
    home: string | undefined;
    tempDir: string;
    onFolder: (folder: string) => void;
    signal: AbortSignal;
  },
): Promise<void> {
  const { modules, go, folders, home, tempDir, onFolder, signal } = given;
  const own = await fs.mkdtemp(path.join(tempDir, namePrefix));
  onFolder(own);
  try {
    // Git for Windows looks for the second.
    for (const name of ['.netrc', '_netrc'])
      await fs.writeFile(path.join(own, name), `${modules.netrc}\n`, { mode: 0o600 });
    if (home !== undefined && home !== '')
      for (const name of kept) await linkTo(path.join(home, name), path.join(own, name));
    await exec(go, ['mod', 'download'], {
      cwd: modules.folder,
      timeoutMs,
      signal,
      secrets: netrcPasswords(modules.netrc),
      addEnv: {
        HOME: own,
        NETRC: path.join(own, '.netrc'),
        GOTOOLCHAIN: 'local',
        GOROOT: undefined,
        // The home is another, the caches are not.
        ...(folders === undefined
          ? {}
          : { GOMODCACHE: folders.moduleCache, GOCACHE: folders.buildCache }),
      },
    });
    log.info(`Downloaded the modules of ${modules.folder}.`);
  } catch (error) {
    if (!(error instanceof ExecError)) throw error;
    throw new ActionError(`The modules of ${modules.folder} could not be downloaded.`, {
      cause: error,
      next: 'Check that netrc has a line for each host ("machine HOST login NAME password TOKEN"), that its token may read the modules, and that GOPRIVATE names them.',
    });
  } finally {
    await fs.rm(own, { recursive: true, force: true });
  }
}

/** Whether `value` is a folder as `onFolder` hears of it. */
export function isNetrcFolder(value: unknown): value is string {
  return typeof value === 'string' && path.basename(value).startsWith(namePrefix);
}

/** Removes what a killed download left behind. Throws CredentialLeftError when it is still there afterwards. */
export async function removeNetrcFolder(folder: string): Promise<void> {
  try {
    await fs.rm(folder, { recursive: true, force: true });
  } catch (cause) {
    throw new CredentialLeftError('A .netrc could not be removed from this runner.', {
      next: `Remove ${folder} by hand.`,
      cause,
    });
  }
}

async function linkTo(target: string, link: string): Promise<void> {
  const isThere = await fs.stat(target).then(
    () => true,
    () => false,
  );
  if (isThere) await fs.symlink(target, link, 'junction');
}
