/**
 * A mistake only the user can mend: a bad input, a missing file they named, a chart that contradicts
 * itself. `next` says what to do; valid values belong in the message.
 */
export class InputError extends Error {
  readonly next: string | undefined;

  constructor(message: string, options: { next?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'InputError';
    this.next = options.next;
  }
}

/**
 * A failure of the world the action works on (a tool, a server, a cluster), told for its reader:
 * the message says what failed and on which named thing, `next` what to do about it.
 */
export class ActionError extends Error {
  readonly next: string | undefined;
  /** The heading of the annotation, a few words. */
  readonly title: string | undefined;

  constructor(message: string, options: { next?: string; title?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'ActionError';
    this.next = options.next;
    this.title = options.title;
  }
}

/** The job was cancelled. `signal` is the operating system's signal that said so. */
export class CancelledError extends Error {
  readonly signal: NodeJS.Signals;

  constructor(signal: NodeJS.Signals) {
    super(`The job was cancelled (${signal}).`);
    this.name = 'CancelledError';
    this.signal = signal;
  }
}
