/** How one child process is run. */
export interface ExecOptions {
  /** Working folder; the process's own by default. */
  cwd?: string;
  /** The whole environment of the child; the port's base environment when absent. */
  env?: Readonly<Record<string, string>>;
  /** Added to (or, with undefined, taken out of) the environment. */
  addEnv?: Readonly<Record<string, string | undefined>>;
  /**
   * Whether the child, or a plugin that it starts, logs in somewhere as this job: then it also gets
   * ACTIONS_ID_TOKEN_REQUEST_TOKEN. False unless the port says otherwise.
   */
  logsIn?: boolean;
  /** Written to standard input, which is then closed. Without it standard input is empty. */
  input?: string | Buffer;
  /** The child is told to stop (SIGTERM, after `killGraceMs` SIGKILL) when this long has passed. */
  timeoutMs?: number;
  /** The child is told to stop (SIGINT, after `killGraceMs` SIGKILL) when this aborts. */
  signal?: AbortSignal;
  /**
   * From the first signal to SIGKILL. By default 5 s after a time limit and 1 s after an abort, since
   * a cancelled action has to hand over within 2 s.
   */
  killGraceMs?: number;
  /** Whole lines as they come, at most 64 KiB long; the text is redacted. */
  onStdout?: (line: string) => void;
  onStderr?: (line: string) => void;
  /** Exit codes that are not a failure besides 0. */
  allowExitCodes?: readonly number[];
  /**
   * Strings replaced by *** (also in their base64, URL and JSON forms) in argv at debug level, in
   * lines, in `stderr` and in error messages. `stdout` is data and stays as it is.
   */
  secrets?: readonly string[];
  /** Bytes of stdout kept; more is an error. 64 MiB by default. */
  maxStdoutBytes?: number;
  /** False for a child whose lines are read as they come: `stdout` stays empty and has no limit. */
  keepStdout?: boolean;
}

/** How a child process ended. */
export interface ExecResult {
  exitCode: number;
  stdout: string;
  /** The last 64 KiB, redacted. */
  stderr: string;
  durationMs: number;
}

/**
 * Runs `file` with `args`, never through a shell. Throws ExecError on an exit code that is not
 * allowed, a time limit, a signal or a file that cannot be started; the signal's own reason when
 * `options.signal` aborted. When it returns or throws, nothing of the child's process group is left.
 */
export type Exec = (
  file: string,
  args: readonly string[],
  options?: ExecOptions,
) => Promise<ExecResult>;

/** A child process that did not end well. The message names the command and quotes the end of its stderr. */
export class ExecError extends Error {
  readonly file: string;
  /** Undefined when it was ended by a signal or never started. */
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
  readonly timedOut: boolean;
  readonly durationMs: number;

  constructor(
    message: string,
    details: {
      file: string;
      exitCode?: number | undefined;
      stdout?: string;
      stderr?: string;
      timedOut?: boolean;
      durationMs?: number;
      cause?: unknown;
    },
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'ExecError';
    this.file = details.file;
    this.exitCode = details.exitCode;
    this.stdout = details.stdout ?? '';
    this.stderr = details.stderr ?? '';
    this.timedOut = details.timedOut ?? false;
    this.durationMs = details.durationMs ?? 0;
  }
}
