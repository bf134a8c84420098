/** Why a reader does something else than ours, by the name of the case. */
export type Differences = Readonly<Record<string, string>>;

const asksAPerson =
  'kubectl asks a person for a name and a password; Helm, which has no such question, and we send the request without.';

/** Where we do something else than kubectl 1.36, and why. */
export const unlikeKubectl: Differences = {
  'nobody at all': asksAPerson,
  'a user that is null': asksAPerson,
  'fields in capitals': asksAPerson,
  'no current context, and one context':
    'kubectl asks localhost:8080. A single context is no riddle, and Helm is told of it.',
};

const accepts = (what: string): string => `client-node accepts ${what}; kubectl and we refuse it.`;
const ignoresTokenFile = 'client-node does not know tokenFile.';
const throughPlugin =
  'client-node runs the plugin all the same, and lets it win over all but a token.';
const merges =
  'client-node throws when two files name the same thing, and lets the last context win.';
const wantsEveryFile = 'client-node wants every file of $KUBECONFIG, and a kubeconfig in it.';
const refusesHttp = 'client-node sends nothing over plain HTTP unless verification is off.';

const readsNewerYaml =
  'client-node reads YAML 1.2, where `yes` is a text; kubectl and we read 1.1.';

/** Where client-node 2.0.1 does something else than kubectl and we. */
export const unlikeClientNode: Differences = {
  'a token file, relative to the kubeconfig': ignoresTokenFile,
  'a token file, absolute': ignoresTokenFile,
  'a token and a token file': ignoresTokenFile,
  'a token file that is not there': ignoresTokenFile,
  'a token that is a number': accepts('numbers for texts'),
  'a password that is a number': accepts('numbers for texts'),
  'a name without a password': 'client-node sends the word "undefined" for the password.',
  'a token beside a password': accepts('both'),
  'a token file beside a password': accepts('both'),
  'a password without a name': accepts('it'),
  'a client certificate as data and as a file': accepts('both'),
  'a client certificate without its key': accepts('it'),
  'a key without its certificate': accepts('it'),
  'a plugin of v1alpha1': accepts('a version that is gone'),
  'a plugin without apiVersion': accepts('it'),
  'a plugin of v1 without interactiveMode': accepts('it'),
  'a plugin that needs a person': 'client-node does not know interactiveMode.',
  'a plugin with an unknown interactiveMode': 'client-node does not know interactiveMode.',
  'a plugin with a nameless variable': accepts('it'),
  'a plugin with a number among its arguments': accepts('numbers for texts'),
  'a plugin by a path relative to the kubeconfig': 'client-node looks in the working directory.',
  'a plugin by a path relative to the second kubeconfig':
    'client-node looks in the working directory.',
  'a plugin beside a token': throughPlugin,
  'a plugin beside a password': throughPlugin,
  'a plugin beside a client certificate': throughPlugin,
  'a plugin beside an auth provider': throughPlugin,
  'the auth provider gcp': 'client-node keeps gcp, which Kubernetes 1.26 took away.',
  'the auth provider oidc with an ID token that has run out':
    'client-node sends the request without a token when it cannot get a new one.',
  'the auth provider oidc without an ID token':
    'client-node sends the request without a token when it cannot get one.',
  'impersonation with groups, uid and extra': 'client-node knows the user only.',
  'impersonation of groups without a user': 'client-node knows the user only.',
  'no credentials over plain HTTP': refusesHttp,
  'no password over plain HTTP': refusesHttp,
  'no plugin over plain HTTP': refusesHttp,
  'an authority as data and as a file': accepts('both'),
  'no verification beside an authority': accepts('both'),
  'a server with a path and a query': 'client-node puts the path of the request into the query.',
  'a server that ends in slashes': 'client-node takes away one slash.',
  'a proxy spoken to in HTTPS that the authority of the cluster vouches for':
    'client-node verifies proxies with the certificates of Node alone.',
  'no current context, and one context': 'client-node wants a current context.',
  'other contexts that are broken': 'client-node wants every context whole.',
  'a user of the same name twice': accepts('it'),
  'a cluster of the same name twice': accepts('it'),
  'a context of the same name twice': accepts('it'),
  'the first file that names a thing wins': merges,
  'a context of the second file with the cluster of the first': merges,
  'the first current context wins': merges,
  'the same file twice': merges,
  'files that are not there, and empty entries': wantsEveryFile,
  'an empty file beside a good one': wantsEveryFile,
  'a file of comments beside a good one': wantsEveryFile,
  'anchors, aliases and a merge': 'client-node reads YAML 1.2, which has no merge.',
  'a token that older YAML reads as a truth': readsNewerYaml,
  'no verification, in the words of older YAML': readsNewerYaml,
  'a second document': 'client-node wants a single document.',
  'a key that is said twice': 'client-node wants each key once; kubectl takes the last.',
  'another kind': accepts('it'),
  'another apiVersion': accepts('it'),
};
