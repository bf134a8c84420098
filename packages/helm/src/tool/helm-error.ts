import { withoutValues } from './quoted-values.ts';

/** What a failed Helm command means. */
export interface HelmProblem {
  /** Whether the same command may succeed a moment later. */
  transient: boolean;
  /** One line without Helm's prefixes, shortened, without the values that Helm quotes. */
  message: string;
  next: string | undefined;
}

const transient =
  /connection reset by peer|connection refused|unexpected EOF|: EOF$|i\/o timeout|TLS handshake timeout|http2: client connection (lost|force closed)|etcdserver: (leader changed|request timed out)|raft proposal dropped|the object has been modified|please apply your changes to the latest version|too many requests|server is currently unable to handle|the server was unable to return a response|ServiceUnavailable|client rate limiter Wait/im;

/** What a webhook that is not well is said to have done; behind `failed calling webhook`. */
const webhookAway =
  /timeout|timed out|deadline exceeded|connection refused|no endpoints available|EOF/i;

function isPassing(said: string): boolean {
  if (transient.test(said)) return true;
  const called = said.search(/failed calling webhook /i);
  return called >= 0 && webhookAway.test(said.slice(called));
}

const advice: readonly (readonly [RegExp, string])[] = [
  [
    /unknown flag: --(take-ownership|skip-schema-validation|labels|server-side)/,
    'This Helm is too old for that input: set helm-version to a newer one, for example 4.2.3.',
  ],
  [
    /post[- ]?render/i,
    'The post-renderer did not do its work: it has to read the objects on its standard input, print all of ' +
      'them again, and end with 0. Try it by hand: helm template … | your program.',
  ],
  [
    /field is immutable|updates to statefulset spec for fields other than/i,
    'Kubernetes does not let this field change. Give the object a new name, or delete the object in a ' +
      'maintenance window (`kubectl delete --cascade=orphan` keeps its pods) and run again.',
  ],
  [
    /cannot be imported into the current release|invalid ownership metadata/i,
    'The object belongs to somebody else. Delete or rename it, or take it over with take-ownership: true ' +
      '(or by the labels and annotations that the message names).',
  ],
  [
    /Apply failed with \d+ conflicts?|conflict with "/i,
    'Another manager (kubectl, an autoscaler, an operator) owns these fields. Leave them out of the ' +
      'chart (an autoscaler wants no `replicas`), or take them over with force-conflicts: true.',
  ],
  [
    /is forbidden: User|cannot (get|list|create|patch|update|delete|watch) resource/i,
    'Grant what the message names to this user with a Role and a RoleBinding in the namespace.',
  ],
  [
    /asked for the client to provide credentials|Unauthorized|must be logged in/i,
    'The credentials in the kubeconfig are wrong or have expired: make new ones and store them in the secret.',
  ],
  [
    /could not be reached/i,
    'Look whether this runner may reach the API server: the address in the kubeconfig, a firewall, a VPN.',
  ],
  [
    /don't meet the specifications of the schema/i,
    'Correct the values that the message names; the chart says in values.schema.json what it accepts. ' +
      'schema-validation: false deploys them all the same.',
  ],
  [
    /no matches for kind|removed kubernetes api/i,
    'This cluster does not know that kind or version. Install its CRD first (crds: upgrade does it for ' +
      'those of the chart), or use a chart for this version of Kubernetes.',
  ],
  [/exceeded quota/i, 'Raise the ResourceQuota of the namespace or ask for less in the chart.'],
  [
    /violates PodSecurity/i,
    'Set the securityContext that the message names, or change the Pod Security level of the namespace.',
  ],
  [
    /duplicate entries for key/i,
    'A list of the chart names one entry twice (an environment variable, a port). Take one of them out: ' +
      'applied on the server, a list has each name once.',
  ],
  [
    /\b(?:429|5\d\d) (?:Too Many Requests|Internal Server Error|Bad Gateway|Service Unavailable|Gateway Time-?out)/i,
    'The server that was asked is not well or wants fewer requests. Look at its status, and run again later.',
  ],
  [/namespaces? "[^"\s]+" not found/i, 'Create the namespace, or set create-namespace: true.'],
  [
    /hooks? failed|failed (pre|post)-(install|upgrade)/i,
    'Look at the log of the hook below; Helm runs it before or after the upgrade.',
  ],
  [
    /execution error at|parse error at|nil pointer evaluating|error calling|YAML parse error/i,
    'The template does not work with these values: run `helm template` with them on your machine.',
  ],
  [
    /another operation \(install\/upgrade\/rollback\) is in progress/i,
    'Another Helm works on this release. Give the workflows that deploy it one `concurrency` group.',
  ],
];

const prefixes =
  /^(Error: )?((UPGRADE|INSTALLATION|ROLLBACK) FAILED: )?(Error: )?(failed to (create|replace|patch) resource: )?/;

/** What to do about a message of Helm or of the API server; undefined when nothing special is known. */
export function adviceFor(message: string): string | undefined {
  return advice.find(([pattern]) => pattern.test(message))?.[1];
}

/** Reads the end of what a failed Helm wrote to standard error; `fallback` when it wrote nothing. */
export function readHelmError(stderr: string, fallback: string): HelmProblem {
  const lines = withoutValues(stderr)
    .split('\n')
    .map((line) => line.trim())
    .filter(
      (line) =>
        line !== '' && !/^(level=|time=|[IWE]\d{4} |WARNING:|warning:|coalesce\.go)/.test(line),
    );
  const from = lines.findLastIndex((line) => line.startsWith('Error:'));
  const said = (from < 0 ? lines.slice(-3) : lines.slice(from)).join(' ');
  const text = (said === '' ? withoutValues(fallback) : said).replace(prefixes, '');
  return {
    transient: isPassing(said),
    message: text.length > 600 ? `${text.slice(0, 599)}…` : text,
    next: adviceFor(said),
  };
}
