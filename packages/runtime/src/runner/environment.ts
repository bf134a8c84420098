import os from 'node:os';
import path from 'node:path';

/** The facts that the runner tells in environment variables, read once at the start of an action. */
export interface RunnerEnvironment {
  /** Absolute path of the checkout. */
  workspace: string;
  /** Absolute path of a folder that the runner empties after the job. */
  tempDir: string;
  /** Where the tool cache is, or undefined on a runner without one. */
  toolCache: string | undefined;
  os: 'linux' | 'darwin' | 'win32';
  /** Of the job, for example `https://github.com`. */
  serverUrl: string;
  repository: string;
  sha: string;
  ref: string;
  eventName: string;
  eventPath: string | undefined;
  runId: string;
  runAttempt: string;
  job: string;
  actor: string;
}

/** Reads the runner's variables from `env`, with GitHub's defaults for those that are absent. */
export function readRunnerEnvironment(
  env: Readonly<Record<string, string | undefined>>,
  platform: NodeJS.Platform = process.platform,
): RunnerEnvironment {
  // An empty variable is an absent one: path.resolve('') would be the working folder.
  const known = (name: string): string | undefined => (env[name] === '' ? undefined : env[name]);
  const get = (name: string, fallback = ''): string => known(name) ?? fallback;
  return {
    workspace: path.resolve(get('GITHUB_WORKSPACE', process.cwd())),
    tempDir: path.resolve(get('RUNNER_TEMP', os.tmpdir())),
    toolCache: known('RUNNER_TOOL_CACHE') ?? known('AGENT_TOOLSDIRECTORY'),
    os: platform === 'win32' || platform === 'darwin' ? platform : 'linux',
    serverUrl: get('GITHUB_SERVER_URL', 'https://github.com'),
    repository: get('GITHUB_REPOSITORY'),
    sha: get('GITHUB_SHA'),
    ref: get('GITHUB_REF'),
    eventName: get('GITHUB_EVENT_NAME'),
    eventPath: known('GITHUB_EVENT_PATH'),
    runId: get('GITHUB_RUN_ID'),
    runAttempt: get('GITHUB_RUN_ATTEMPT', '1'),
    job: get('GITHUB_JOB'),
    actor: get('GITHUB_ACTOR'),
  };
}
