import type { Exec, ExecResult } from '@slipway/exec';
import { plainText } from '@slipway/runtime';

/** Where a clone is, and how its remote lets us in. */
export interface GitPlace {
  /** A folder of the clone. */
  folder: string;
  /** Of the job: settings of git in it stay in force. */
  env: Readonly<Record<string, string | undefined>>;
  signal: AbortSignal;
  /** Sent to `server` (https://github.com) and nowhere else; without it git's own credentials are used. */
  login?: { server: string; token: string } | undefined;
}

/** Runs git in one clone; an exit code other than 0 is a value. */
export type Git = (
  args: readonly string[],
) => Promise<Pick<ExecResult, 'exitCode' | 'stdout' | 'stderr'>>;

const timeoutMs = 60_000;
/** 1 is an answer, 128 a refusal, 129 an option that an old git does not have. */
const exitCodes = [1, 128, 129];

/**
 * The login as settings in the environment, where no list of processes shows it. The empty value takes
 * back what actions/checkout may have left for the same server: two headers of one name are refused.
 * A redirect is not followed with it, since git would send it along.
 */
function loginSettings({ env, login }: GitPlace): Readonly<Record<string, string>> {
  if (login === undefined || login.token === '') return {};
  const header = `http.${login.server}/.extraheader`;
  const basic = Buffer.from(`x-access-token:${login.token}`).toString('base64');
  const settings = [
    [header, ''],
    [header, `AUTHORIZATION: basic ${basic}`],
    ['http.followRedirects', 'false'],
  ];
  const given = Number(env['GIT_CONFIG_COUNT'] ?? 0) || 0;
  return Object.fromEntries([
    ['GIT_CONFIG_COUNT', String(given + settings.length)],
    ...settings.flatMap(([key = '', value = ''], index) => [
      [`GIT_CONFIG_KEY_${given + index}`, key],
      [`GIT_CONFIG_VALUE_${given + index}`, value],
    ]),
  ]) as Record<string, string>;
}

/**
 * Git in the clone at `place`, also when another user owns it, as in a container job. It asks nobody
 * for a password, starts no upkeep that outlives it, does not let replaced objects stand
 * for commits, and fetches nothing unless told to.
 */
export function gitIn(exec: Exec, place: GitPlace): Git {
  const { folder, signal, login } = place;
  const settings = [`safe.directory=${folder}`, 'gc.auto=0', 'maintenance.auto=false'].flatMap(
    (setting) => ['-c', setting],
  );
  return (args) =>
    exec('git', ['--no-replace-objects', ...settings, ...args], {
      cwd: folder,
      signal,
      timeoutMs,
      allowExitCodes: exitCodes,
      secrets: login === undefined ? [] : [login.token],
      addEnv: {
        LC_ALL: 'C',
        GIT_OPTIONAL_LOCKS: '0',
        GIT_TERMINAL_PROMPT: '0',
        GIT_NO_LAZY_FETCH: '1',
        ...loginSettings(place),
      },
    });
}

/** The line of git's standard error that says what is wrong, for people. */
export function lastWords(stderr: string): string {
  const lines = plainText(stderr).trim().split('\n');
  const words = lines.find((line) => line.startsWith('fatal:')) ?? lines.at(-1) ?? '';
  return words === '' ? 'nothing' : words.replace(/^fatal: /, '').slice(0, 200);
}
