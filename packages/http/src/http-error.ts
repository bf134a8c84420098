import { ActionError } from '@slipway/runtime';

/** `url` for a message: without query, fragment, user and password, where secrets travel. */
export function shownUrl(url: string | URL): string {
  const parsed = URL.parse(String(url));
  return parsed === null ? 'an invalid URL' : `${parsed.origin}${parsed.pathname}`;
}

/** A server answered, but not with what was asked for. */
export class HttpError extends ActionError {
  readonly status: number;
  /** Without its query. */
  readonly url: string;
  /** How long the server asked to wait. */
  readonly retryAfterMs: number | undefined;

  constructor(
    status: number,
    url: string | URL,
    options: { next?: string; detail?: string; retryAfterMs?: number | undefined } = {},
  ) {
    const detail = options.detail === undefined ? '' : `: ${options.detail}`;
    super(`${shownUrl(url)} answered ${status}${detail}.`, {
      ...(options.next === undefined ? {} : { next: options.next }),
    });
    this.name = 'HttpError';
    this.status = status;
    this.url = shownUrl(url);
    this.retryAfterMs = options.retryAfterMs;
  }
}
