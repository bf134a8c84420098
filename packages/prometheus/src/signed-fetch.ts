import { AwsV4Signer } from 'aws4fetch';
import type { Clock, Fetch } from '@slipway/runtime';

/** Who signs, and for which service: Amazon Managed Service for Prometheus is `aps`. */
export interface AwsSigning {
  region: string;
  service: string;
  accessKeyId: string;
  secretAccessKey: string;
  /** Empty for keys of a user, which have none. */
  sessionToken: string;
}

/** The time as signatures have it: `20260102T030405Z`. */
const stamp = (ms: number): string => new Date(ms).toISOString().replace(/[-:]|\.\d{3}/g, '');

/** A fetch whose requests are signed with AWS's Signature Version 4. */
export function signedFetch(fetch: Fetch, clock: Clock, signing: AwsSigning): Fetch {
  const { sessionToken, ...key } = signing;
  return async (to, init = {}) => {
    const url = new URL(String(to));
    // A plus is a space in forms, and a plus in what AWS signs.
    url.search = url.search.replace(/\+/g, '%20');
    const signer = new AwsV4Signer({
      ...key,
      ...(sessionToken === '' ? {} : { sessionToken }),
      url: url.href,
      method: init.method ?? 'GET',
      headers: new Headers(init.headers),
      body: init.body ?? null,
      datetime: stamp(clock.now()),
    });
    const { headers } = await signer.sign();
    return await fetch(url, { ...init, headers });
  };
}
