import * as fs from 'node:fs/promises';
import path from 'node:path';
import { ExecError, type Exec } from '@slipway/exec';
import { InputError } from '@slipway/runtime';

/** What the build knows of the commit it builds. */
export interface BuildSource {
  /** The full commit id; undefined outside a Git work tree. Of the checkout or the job where Git refuses to tell. */
  commit: string | undefined;
  /** When the source was made, in seconds since 1970: SOURCE_DATE_EPOCH, else the commit's time, else 0. */
  epochSeconds: number;
  /** True when the work tree has changes or files that are neither committed nor ignored. */
  dirty: boolean;
  /** The files that make it dirty, relative to the checkout's top. */
  changes: readonly string[];
  /** Why Go cannot stamp the commit into programs; undefined when it can. */
  notStamped: string | undefined;
}

function readEpoch(text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined;
  if (!/^\d{1,11}$/.test(text))
    throw new InputError(
      `SOURCE_DATE_EPOCH is ${JSON.stringify(text)}, which is not a number of seconds since 1970.`,
    );
  return Number(text);
}

/**
 * The environment that makes Git, also when `go build` runs it for its stamp, not see `folder` as a
 * change of the checkout: what the action itself leaves there must not make the next build dirty
 * (goreleaser does that to its users: golang/go#50603). Nor are the credentials a change that
 * google-github-actions/auth leaves in the checkout, and names in GOOGLE_GHA_CREDS_PATH. Writes an ignore file
 * into `scratch`; the checkout and its Git settings stay as they are. Empty where Git cannot be asked.
 */
export async function ignoringEnvironment(
  exec: Exec,
  options: {
    dir: string;
    folder: string;
    scratch: string;
    env: Readonly<Record<string, string | undefined>>;
    signal?: AbortSignal;
  },
): Promise<Readonly<Record<string, string>>> {
  const ask = async (args: readonly string[]): Promise<string> =>
    exec('git', args, {
      cwd: options.dir,
      allowExitCodes: [1, 128],
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    }).then(
      ({ stdout }) => stdout.trim(),
      (error: unknown) => {
        if (error instanceof ExecError) return '';
        throw error;
      },
    );
  const top = await ask(['rev-parse', '--show-toplevel']);
  if (top === '') return {};
  const root = await fs.realpath(top);
  const ignored = async (file: string, end: string): Promise<string[]> => {
    const real = await fs.realpath(file).catch(() => file);
    const relative = path.relative(root, real).split(path.sep).join('/');
    if (relative === '' || relative.startsWith('..') || /[\r\n]/.test(relative)) return [];
    return [`/${relative.replace(/[\\*?[\] !#]/g, '\\$&')}${end}`];
  };
  const credentials = options.env['GOOGLE_GHA_CREDS_PATH'] ?? '';
  const patterns = [
    ...(await ignored(options.folder, '/')),
    ...(credentials === '' ? [] : await ignored(credentials, '')),
  ];
  if (patterns.length === 0) return {};
  const users = await ask(['config', '--path', 'core.excludesFile']);
  const usersText = users === '' ? '' : await fs.readFile(users, 'utf8').catch(() => '');
  const file = path.join(options.scratch, 'git-ignore');
  await fs.writeFile(file, `${[usersText.trimEnd(), ...patterns].join('\n')}\n`);
  // Settings that are in the environment already (credentials of private modules) stay in force.
  const given = Number(options.env['GIT_CONFIG_COUNT'] ?? 0) || 0;
  return {
    GIT_CONFIG_COUNT: String(given + 1),
    [`GIT_CONFIG_KEY_${given}`]: 'core.excludesFile',
    [`GIT_CONFIG_VALUE_${given}`]: file,
  };
}

/** A commit where git does not answer: the one that is checked out by its id, else the job's own. */
async function commitWithoutGit(
  dir: string,
  jobs: string | undefined,
): Promise<string | undefined> {
  const isCommit = (text: string): boolean => /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(text);
  for (let at = path.resolve(dir); ; at = path.dirname(at)) {
    const head = await fs.readFile(path.join(at, '.git', 'HEAD'), 'utf8').catch(() => undefined);
    if (head !== undefined && isCommit(head.trim())) return head.trim();
    if (head !== undefined || at === path.dirname(at)) break;
  }
  return jobs !== undefined && isCommit(jobs) ? jobs : undefined;
}

/**
 * Reads commit, time and cleanliness of the work tree around `dir`. Without Git, without a repository
 * or when Git refuses the folder's owner, `notStamped` says so: `-buildvcs=true` would fail there.
 */
export async function readBuildSource(
  exec: Exec,
  options: {
    dir: string;
    env: Readonly<Record<string, string | undefined>>;
    /** Added to Git's environment, from `ignoringEnvironment`. */
    gitEnv?: Readonly<Record<string, string>>;
    signal?: AbortSignal;
  },
): Promise<BuildSource> {
  const epoch = readEpoch(options.env['SOURCE_DATE_EPOCH']);
  const git = (args: readonly string[]): Promise<string> =>
    exec('git', args, {
      cwd: options.dir,
      ...(options.gitEnv === undefined ? {} : { addEnv: options.gitEnv }),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    }).then(({ stdout }) => stdout);
  const none = (notStamped: string, commit?: string): BuildSource => ({
    commit,
    epochSeconds: epoch ?? 0,
    dirty: false,
    changes: [],
    notStamped,
  });
  try {
    const [commit = '', time = ''] = (await git(['log', '-1', '--format=%H%n%ct'])).split('\n');
    const status = await git(['status', '--porcelain', '--no-renames', '-z']);
    const changes = status.split('\0').flatMap((line) => (line === '' ? [] : [line.slice(3)]));
    const dirty = changes.length > 0;
    return { commit, epochSeconds: epoch ?? Number(time), dirty, changes, notStamped: undefined };
  } catch (error) {
    if (!(error instanceof ExecError)) throw error;
    if (error.exitCode === undefined) return none('git is not on this machine');
    if (error.stderr.includes('dubious ownership'))
      return none(
        'git refuses the checkout because another user owns it (git config --global --add safe.directory PATH helps)',
        await commitWithoutGit(options.dir, options.env['GITHUB_SHA']),
      );
    return none('the module is not in a Git repository with a commit');
  }
}
