import { retryAfterMs } from '@slipway/http';

/** What GitHub asks for when it gets no answer ready for a client that asked too much; milliseconds. */
const unsaidWaitMs = 60_000;

/** The parts of an answer that tell whether a limit was met. */
export interface LimitedAnswer {
  status: number;
  headers: { get: (name: string) => string | null };
  /** What the body holds when it is JSON. */
  body: unknown;
}

interface ErrorBody {
  message?: unknown;
  documentation_url?: unknown;
  errors?: unknown;
}

/** Whether a body says that it is a limit: of GraphQL, which answers 200, or a secondary one. */
function tellsLimit(body: unknown): boolean {
  if (typeof body !== 'object' || body === null) return false;
  const { message, documentation_url, errors } = body as ErrorBody;
  if (Array.isArray(errors))
    return errors.some(
      (error: unknown) => (error as { type?: unknown } | null)?.type === 'RATE_LIMITED',
    );
  return [message, documentation_url].some(
    (text) => typeof text === 'string' && /secondary[ -]rate[ -]limit/i.test(text),
  );
}

/**
 * How long to wait before the same request may be sent again, in milliseconds, when an answer says that
 * too many were sent; undefined for any other answer, so for a right that is missing too, which has
 * the status 403 as well. After docs.github.com, "Rate limits for the REST API": Retry-After, then
 * the time in x-ratelimit-reset, otherwise a minute.
 */
export function rateLimitWaitMs(answer: LimitedAnswer, nowMs: number): number | undefined {
  const { status, headers, body } = answer;
  const refused = status === 403 || status === 429;
  const asked = refused ? retryAfterMs(headers.get('retry-after'), nowMs) : undefined;
  if (asked !== undefined) return asked;
  const told = tellsLimit(body);
  const usedUp = headers.get('x-ratelimit-remaining') === '0';
  if (!(refused && usedUp) && !(status === 200 && told) && status !== 429 && !(refused && told))
    return undefined;
  const reset = Number(headers.get('x-ratelimit-reset') ?? Number.NaN) * 1000;
  return usedUp && Number.isFinite(reset) ? Math.max(0, reset - nowMs) : unsaidWaitMs;
}
