import path from 'node:path';
import { authorizedFetch, download, HttpError, shownUrl } from '@slipway/http';
import { ActionError, type Clock, type Fetch, type Log } from '@slipway/runtime';
import type { Login } from './chart-source.ts';

/** More than twice of what Helm 4 loads. */
const maxBytes = 256 * 1024 * 1024;

/** What fetching an archive by its address needs. */
export interface DownloadPorts {
  fetch: Fetch;
  clock: Clock;
  log: Log;
  signal: AbortSignal;
}

function basicAuthorization({ username, password }: Login): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

/**
 * Fetches the packaged chart at `url` into `folder`, with what signs it where `signed`, and gives its
 * path. The login goes to the host of `url` alone and never along a redirect. Throws ActionError.
 */
export async function downloadChart(
  ports: DownloadPorts,
  url: string,
  options: { login: Login | undefined; folder: string; signed: boolean },
): Promise<string> {
  const { login, folder, signed } = options;
  const authorization = login === undefined ? undefined : basicAuthorization(login);
  const fetch =
    authorization === undefined
      ? ports.fetch
      : authorizedFetch(ports.fetch, { origin: url, authorization });
  const { clock, log, signal } = ports;
  const name = path.posix.basename(new URL(url).pathname).replace(/[^A-Za-z0-9._+-]/g, '_');
  const file = path.join(folder, name === '' ? 'chart.tgz' : name);
  const shared = { fetch, clock, log, signal, maxBytes, mode: 0o600, sha256: 'unknown' };
  try {
    await download(url, file, shared);
    if (signed) await download(`${url}.prov`, `${file}.prov`, shared);
  } catch (cause) {
    if (!(cause instanceof HttpError)) throw cause;
    const wantsLogin = cause.status === 401 || cause.status === 403;
    throw new ActionError(`The chart ${shownUrl(url)} could not be fetched: ${cause.message}`, {
      title: 'Chart not fetched',
      next: wantsLogin
        ? 'Give repo-username and repo-password.'
        : 'Look whether the address is right; with verify-chart the same with .prov must be there, too.',
      cause,
    });
  }
  return file;
}
