import * as fs from 'node:fs/promises';
import { readLimited, retryingFetch, shownUrl } from '@slipway/http';
import {
  ActionError,
  errorMessage,
  InputError,
  timeLimit,
  type Clock,
  type Fetch,
  type Log,
  type MaskSecret,
} from '@slipway/runtime';

/** What reading values needs of the world. */
export interface ValuePorts {
  fetch: Fetch;
  clock: Clock;
  log: Log;
  maskSecret: MaskSecret;
}

/** What the YAML reader takes. */
const maxBytes = 16 * 1024 * 1024;
const limitMs = 60_000;

/** Whether values are to be had from a web server. */
export function isUrl(place: string): boolean {
  return /^https?:\/\//.test(place);
}

/** What a place of values may be called in messages: a URL often has a token in its query. */
export function shownPlace(place: string): string {
  return isUrl(place) ? shownUrl(place) : place;
}

/** The address without its user and password, and the header that these become. */
function withoutLogin(place: string, maskSecret: MaskSecret) {
  const url = new URL(place);
  const [username, password] = [url.username, url.password].map(decodeURIComponent);
  if (username === '' && password === '') return { url, headers: {} };
  // A token alone stands where the user would.
  maskSecret((password === '' ? username : password) ?? '');
  url.username = '';
  url.password = '';
  const login = Buffer.from(`${username ?? ''}:${password ?? ''}`).toString('base64');
  return { url, headers: { authorization: `Basic ${login}` } };
}

async function fetched(ports: ValuePorts, place: string): Promise<string> {
  const { fetch, clock, log, maskSecret } = ports;
  const { url, headers } = withoutLogin(place, maskSecret);
  const next = 'Look whether the address is right and whether this runner can reach it.';
  let response: Response;
  try {
    const signal = timeLimit(clock, limitMs);
    response = await retryingFetch(fetch, { clock, log })(url, { headers, signal });
  } catch (cause) {
    throw new ActionError(`${shownUrl(url)} could not be fetched: ${errorMessage(cause)}`, {
      next,
      cause,
    });
  }
  if (!response.ok)
    throw new ActionError(`${shownUrl(url)} answered ${response.status}.`, { next });
  // Neither its headers nor what was sent tell how much it unpacks to.
  const { text, truncated } = await readLimited(response, maxBytes);
  if (truncated)
    throw new ActionError(`${shownUrl(url)} is larger than any values.`, {
      next: 'Values are text of 16 MiB at most; look whether the address is right.',
    });
  return text;
}

/** The text at a path or an address that `input` names. Throws InputError or ActionError naming it. */
export async function readValueText(
  ports: ValuePorts,
  place: string,
  input: string,
): Promise<string> {
  if (isUrl(place)) return await fetched(ports, place);
  try {
    return await fs.readFile(place, 'utf8');
  } catch (cause) {
    throw new InputError(`${input}: ${place} cannot be read.`, {
      next: 'Name a file of the checkout, relative to its root; is actions/checkout an earlier step?',
      cause,
    });
  }
}
