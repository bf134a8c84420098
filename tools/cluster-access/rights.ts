import type { KubeMethod } from './kube-calls.ts';

/** One right of RBAC. */
export interface Right {
  verb: string;
  /** The empty string for the core group. */
  group: string;
  /** With its subresource: `pods/log`. */
  resource: string;
}

/** A rule of a Role, as it stands in a manifest. */
export interface Rule {
  apiGroups: readonly string[];
  resources: readonly string[];
  verbs: readonly string[];
}

const verbs: Readonly<Record<KubeMethod, readonly string[]>> = {
  get: ['get'],
  list: ['list'],
  listAt: ['list'],
  watch: ['watch'],
  follow: ['list', 'watch'],
  create: ['create'],
  patch: ['patch'],
  // An apply makes what is not there, for which the API server asks for the right to create as well.
  apply: ['patch', 'create'],
  delete: ['delete'],
  text: ['get'],
  podProxy: ['get'],
  // The upgrade is a GET; since Kubernetes 1.35 it takes the verb of a POST as well.
  portForward: ['get', 'create'],
};

/** The rights that a request to `path` (with `*` for names) needs. Throws when it is no path of the API. */
export function rightsOf(method: KubeMethod, path: string): readonly Right[] {
  if (method === 'podProxy' || method === 'portForward')
    return verbs[method].map((verb) => ({
      verb,
      group: '',
      resource: method === 'podProxy' ? 'pods/proxy' : 'pods/portforward',
    }));
  const match =
    /^\/(?:api\/v1|apis\/([^/]+)\/[^/]+)\/(?:namespaces\/\*\/)?([a-z]+)(?:\/\*(\/[a-z]+)?)?$/.exec(
      path,
    );
  if (match === null) throw new Error(`${method} ${path}: no path of the Kubernetes API`);
  const [, group = '', resource = '', subresource = ''] = match;
  return verbs[method].map((verb) => ({ verb, group, resource: `${resource}${subresource}` }));
}

/** Whether a rule grants a right. Neither wildcards nor names of single objects are taken as granting it. */
export function grants(rule: Rule, right: Right): boolean {
  return (
    rule.apiGroups.includes(right.group) &&
    rule.resources.includes(right.resource) &&
    rule.verbs.includes(right.verb)
  );
}

/** `get deployments.apps`, as the API server's own messages have it. */
export function rightText({ verb, group, resource }: Right): string {
  return `${verb} ${resource}${group === '' ? '' : `.${group}`}`;
}
