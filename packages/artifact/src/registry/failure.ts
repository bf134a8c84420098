import { ActionError } from '@slipway/runtime';
import { formatImageName, type ImageName } from './image-name.ts';
import { readLimited } from './limited-body.ts';

const maxErrorBytes = 65_536;
const maxShown = 300;

/** An answer that ends the push. */
export class RegistryFailure extends ActionError {
  readonly status: number;
  /** How long the registry asked to wait, as its header says it. */
  readonly retryAfter: string | null;

  constructor(message: string, response: Response, options: { title: string; next: string }) {
    super(message, options);
    this.name = 'RegistryFailure';
    this.status = response.status;
    this.retryAfter = response.headers.get('retry-after');
  }
}

/** Texts under the names that registries, token services and the proxies before them use for what is wrong. */
function textsIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  const { errors, ...fields } = value as Record<string, unknown>;
  const names = ['code', 'error', 'message', 'error_description', 'details'];
  const own = names.flatMap((name) => (typeof fields[name] === 'string' ? [fields[name]] : []));
  const listed: unknown[] = Array.isArray(errors) ? errors : [];
  return [own.join(' '), ...listed.map((each) => textsIn(each).join(' '))].filter(Boolean);
}

/** What a body says is wrong, in one line: JSON as the distribution specification has it, or plain text. */
function messageIn(body: string): string {
  let texts: string[];
  try {
    texts = textsIn(JSON.parse(body));
  } catch {
    // A page of a proxy says nothing that its status does not, but for its title.
    const title = /<title>([^<]*)<\/title>/i.exec(body)?.[1];
    texts = [title ?? (/^\s*</.test(body) ? '' : body)];
  }
  return texts
    .join('; ')
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim()
    .slice(0, maxShown);
}

/** The end of a sentence about an answer: what it says is wrong, or a full stop. Reads its body. */
export async function saidBy(response: Response): Promise<string> {
  const body = await readLimited(response, maxErrorBytes).catch(() => Buffer.alloc(0));
  const said = messageIn(body.toString());
  return said === '' ? '.' : `: ${said}`;
}

function adviceFor(status: number): string {
  if (status === 401 || status === 403)
    return 'Log in before this step or give registry-username and registry-password; the account needs the right to push (on GitHub: permissions: packages: write).';
  if (status === 404)
    return 'Check that the repository exists; some registries do not create one on push.';
  if (status === 413 || status === 416)
    return 'A proxy before the registry limits the size of requests: raise its limit (nginx: client_max_body_size).';
  if (status >= 500 || status === 429)
    return 'The registry is in trouble or limits the rate; run the job again.';
  return 'Check the image name and what the registry allows.';
}

/** An answer that ends the push; `what` was done, for example `uploading sha256:…`. Reads its body. */
export async function registryFailure(
  response: Response,
  name: ImageName,
  what: string,
): Promise<RegistryFailure> {
  const said = await saidBy(response);
  return new RegistryFailure(
    `${new URL(name.origin).host} answered ${response.status} when ${what} of ${formatImageName(name)}${said}`,
    response,
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
