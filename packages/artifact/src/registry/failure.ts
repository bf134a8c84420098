import { ActionError } from '@slipway/runtime';
import { formatImageName, type ImageName } from './image-name.ts';
import { readLimited } from './limited-body.ts';

/** The message in a registry's error body, one line. */
function messageIn(body: string): string {
  try {
    const { errors } = JSON.parse(body) as { errors?: { code?: string; message?: string }[] };
    const messages = (errors ?? []).map(({ code, message }) =>
      [code, message].filter(Boolean).join(' '),
    );
    return messages.join('; ').replace(/\s+/g, ' ').slice(0, 300);
  } catch {
    return '';
  }
}

function adviceFor(status: number): string {
  if (status === 401 || status === 403)
    return 'Log in before this step or give registry-username and registry-password; the account needs the right to push (on GitHub: permissions: packages: write).';
  if (status === 404)
    return 'Check that the repository exists; some registries do not create one on push.';
  if (status >= 500 || status === 429)
    return 'The registry is in trouble or limits the rate; run the job again.';
  return 'Check the image name and what the registry allows.';
}

/** An answer that ends the push; `what` was done, for example `uploading sha256:…`. Reads its body. */
export async function registryFailure(
  response: Response,
  name: ImageName,
  what: string,
): Promise<ActionError> {
  const body = await readLimited(response, 65_536).catch(() => Buffer.alloc(0));
  const said = messageIn(body.toString());
  return new ActionError(
    `${new URL(name.origin).host} answered ${response.status} when ${what} of ${formatImageName(name)}${said === '' ? '.' : `: ${said}`}`,
    { title: 'Image push failed', next: adviceFor(response.status) },
  );
}

/** Throws unless the registry, where it names the digest of what it stored, names the one that was sent. */
export function checkStoredDigest(
  response: Response,
  name: ImageName,
  stored: { what: string; digest: string },
): void {
  const reported = response.headers.get('docker-content-digest');
  if (reported !== null && reported !== stored.digest)
    throw new ActionError(
      `${new URL(name.origin).host} stored ${stored.what} of ${formatImageName(name)} as ${JSON.stringify(reported.slice(0, 100))}, but ${stored.digest} was sent.`,
    );
}
