import { inspect } from 'node:util';

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

/** The message of whatever was thrown, its causes included, in one line. */
export function errorMessage(error: unknown): string {
  const messages: string[] = [];
  let current: unknown = error;
  for (let depth = 0; current !== undefined && current !== null && depth < 5; depth += 1) {
    const message =
      current instanceof Error
        ? current.message
        : typeof current === 'string'
          ? current
          : inspect(current);
    if (message !== '' && !messages.some((known) => known.includes(message)))
      messages.push(message);
    current = current instanceof Error ? current.cause : undefined;
  }
  return messages.join(': ').replace(/\s*\n\s*/g, ' ');
}
