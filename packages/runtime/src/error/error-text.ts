import { inspect } from 'node:util';

const maxDepth = 5;

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error === 'string' ? error : inspect(error);
  // Node's errors for a refused connection can have a code and no message.
  const { code } = error as NodeJS.ErrnoException;
  return error.message || (typeof code === 'string' ? code : '');
}

/** The messages of an error, its causes and the errors it gathers, each once, outermost first. */
function messagesOf(error: unknown, depth: number, found: string[]): string[] {
  if (error === undefined || error === null || depth > maxDepth) return found;
  const message = messageOf(error);
  if (message !== '' && !found.some((known) => known.includes(message))) found.push(message);
  if (error instanceof AggregateError)
    for (const inner of error.errors.slice(0, maxDepth)) messagesOf(inner, depth + 1, found);
  return error instanceof Error ? messagesOf(error.cause, depth + 1, found) : found;
}

/** The message of whatever was thrown, its causes included, in one line. */
export function errorMessage(error: unknown): string {
  const text = messagesOf(error, 0, [])
    .map((message) => message.trim())
    .join(': ');
  return text === '' ? 'unknown error' : text.replace(/\s*[\r\n]\s*/g, ' ');
}

/** The message of whatever was thrown with its own line breaks, then its causes in one line. */
export function errorReport(error: unknown): string {
  const [first = 'unknown error', ...causes] = messagesOf(error, 0, []);
  const rest = causes.map((cause) => cause.trim().replace(/\s*[\r\n]\s*/g, ' ')).join(': ');
  return rest === '' ? first : `${first}\nCause: ${rest}`;
}
