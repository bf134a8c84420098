/** What was deployed, as a Deployment's payload tells it. Texts are data from outside. */
export interface DeployedVersion {
  service: string;
  version: string;
  /** Of the image, `sha256:…`; empty for none. */
  digest: string;
  /** A full commit id. */
  commit: string;
  /** The Helm release, or the service on hosts. */
  release: string;
  /** Empty when there is none. */
  namespace: string;
  /**
   * Which of several places in one environment: the name of the call, the target in slipway.yml, or both as
   * `name/target`. Empty for the only one. Places keep their records apart.
   */
  target: string;
}

/** Payloads of this form; another form gets another number. */
const form = 1;
const longest = 8192;

const patterns: Readonly<Record<keyof DeployedVersion, RegExp>> = {
  service: /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/,
  version: /^[\w.+-]{1,200}$/,
  digest: /^(?:sha256:[0-9a-f]{64})?$/,
  commit: /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/,
  release: /^[\w.-]{0,253}$/,
  namespace: /^[\w.-]{0,253}$/,
  target: /^(?:[a-z0-9-]{1,63}(?:\/[a-z0-9-]{1,63})?)?$/,
};

/**
 * The `task` of a service's Deployments in one place, by which they are told from others', GitHub's own
 * among them. GitHub finds Deployments by their whole task, so the target is a part of it.
 */
export function deploymentTask({
  service,
  target,
}: Pick<DeployedVersion, 'service' | 'target'>): string {
  return target === '' ? `slipway:${service}` : `slipway:${service}@${target}`;
}

/** The fields of `version` that are not of the form that is read again. */
export function unreadableFields(version: DeployedVersion): readonly (keyof DeployedVersion)[] {
  const names = Object.keys(patterns) as (keyof DeployedVersion)[];
  return names.filter((name) => !patterns[name].test(version[name]));
}

/** The payload of a Deployment. */
export function deploymentPayload(version: DeployedVersion): Record<string, string | number> {
  const { service, digest, commit, release, namespace, target } = version;
  return {
    slipway: form,
    service,
    version: version.version,
    digest,
    commit,
    release,
    namespace,
    target,
  };
}

function parsedOnceOrTwice(payload: unknown): unknown {
  let value = payload;
  // GraphQL gives the payload as text, and a payload that was a text itself as a text in a text.
  for (let times = 0; times < 2 && typeof value === 'string'; times += 1) {
    if (value.length > longest) return undefined;
    try {
      value = JSON.parse(value) as unknown;
    } catch {
      return undefined;
    }
  }
  return value;
}

/**
 * What a payload tells; undefined for one that is not ours or not whole. Who may write Deployments may
 * write what they like, so nothing is read but texts of the right form.
 */
export function readDeploymentPayload(payload: unknown): DeployedVersion | undefined {
  const value = parsedOnceOrTwice(payload);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const given = new Map<string, unknown>(Object.entries(value));
  if (given.get('slipway') !== form) return undefined;
  const text = (name: keyof DeployedVersion): string => {
    const field = given.get(name);
    return typeof field === 'string' ? field : '\0';
  };
  const version: DeployedVersion = {
    service: text('service'),
    version: text('version'),
    digest: text('digest'),
    commit: text('commit'),
    release: text('release'),
    namespace: text('namespace'),
    // What was written before there were targets has none.
    target: given.has('target') ? text('target') : '',
  };
  return unreadableFields(version).length === 0 ? version : undefined;
}
