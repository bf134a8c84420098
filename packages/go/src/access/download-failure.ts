import type { ExecError } from '@slipway/exec';
import { ActionError } from '@slipway/runtime';

/** One way in which a download fails, told by what git, ssh and the go command print. */
interface KnownFailure {
  /** Its first group that is there fills in `$1` of the cause. */
  printed: RegExp;
  title: string;
  cause: string;
  next: string;
}

/** The first that fits is the one: what is more special comes first. */
const known: readonly KnownFailure[] = [
  {
    printed: /SECURITY ERROR/,
    title: 'Checksum mismatch',
    cause: 'a module is not what go.sum or the checksum database says it is',
    next: 'do not build it: find out whether its tag was moved or its proxy changed it',
  },
  {
    printed: /reading https?:\/\/(\S+?)\/(?:lookup|tile|latest)\b/,
    title: 'Checksum database refused',
    cause: 'the checksum database $1 does not vouch for a module',
    next: 'name private modules in private-modules (GOPRIVATE), so that it is not asked about them; a public one needs a version that exists',
  },
  {
    printed: /Host key verification failed|No \S+ host key is known for (\S+?)(?: and|\.|$)/m,
    title: 'Unknown host key',
    cause: 'the SSH host is not the one that is known, or none is known of it',
    next: 'put its lines of known_hosts into private-known-hosts, compared with what its owner publishes',
  },
  {
    printed: /Permission denied \((?:publickey|[^)]*,)[^)]*\)/,
    title: 'SSH key refused',
    cause: 'the SSH host takes none of the keys',
    next: 'check that private-ssh-key is the private half of a deploy key of the repository, or of a user who may read it',
  },
  {
    printed: /could not read (?:Username|Password) for '?"?(https?:\/\/[^'"]+)/,
    title: 'No credentials',
    cause: '$1 wants to know who asks, and there is nothing to answer it with',
    next: 'give private-token, private-ssh-key or netrc for this host',
  },
  {
    printed:
      /Authentication failed for '?"?(https?:\/\/[^'"]+)|returned error: 40[13]|\b40[13] (?:Unauthorized|Forbidden)|Access denied/i,
    title: 'Credentials refused',
    cause: 'the credentials are refused by $1',
    next: "check that the token is not expired and may read the contents of the module's repository (and is authorized for its organization)",
  },
  {
    printed: /Could not resolve host(?:name)?:? (\S+)|lookup (\S+?)(?: on \S+)?: no such host/,
    title: 'Host not found',
    cause: 'the name $1 cannot be resolved',
    next: 'check the name, the DNS of this machine and, behind a proxy, HTTPS_PROXY and NO_PROXY',
  },
  {
    printed: /proxyconnect|proxy\S* .*(?:connection refused|timed? ?out)/i,
    title: 'Proxy out of reach',
    cause: 'the proxy of this machine does not answer',
    next: 'check HTTPS_PROXY and NO_PROXY',
  },
  {
    printed:
      /(?:Failed to connect to|connect to host) (\S+?)(?: port|:)|dial tcp (\S+?): .*(?:connection refused|timeout|timed out|unreachable)/i,
    title: 'Host out of reach',
    cause: '$1 does not answer',
    next: 'check that this machine reaches it, and GOPROXY, HTTPS_PROXY and NO_PROXY',
  },
  {
    printed:
      /Repository not found|404 Not Found|410 Gone|unknown revision|reading file:.*no such file/i,
    title: 'Module not found',
    cause: 'a module, or its version, is not there for who asks',
    next: 'check the version, that GOPRIVATE (private-modules) covers the module, and that the credentials may read its repository: hosts say "not found" to those who may not',
  },
];

/** What a failed `go mod download` means, for people; `more` is what git said besides. */
export function explainDownload(folder: string, error: ExecError, more: string): ActionError {
  const whole = `The modules of ${folder} could not be downloaded`;
  for (const { printed, title, cause, next } of known) {
    const found = printed.exec(`${error.stderr}\n${more}`);
    if (found === null) continue;
    // A group of a branch that was not taken is undefined, whatever its type says.
    const groups: readonly (string | undefined)[] = found.slice(1);
    const named = groups.find((group) => group !== undefined) ?? 'the host';
    return new ActionError(`${whole}: ${cause.replace('$1', () => named)}.`, {
      title,
      next,
      cause: error,
    });
  }
  return new ActionError(`${whole}.`, {
    next: 'check that each host has its credentials (private-token, private-ssh-key, netrc), and that GOPRIVATE (private-modules) names its modules',
    cause: error,
  });
}
