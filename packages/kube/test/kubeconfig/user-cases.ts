import type { KubeconfigCase } from './case.ts';
import { kubeconfig, verified } from './template.ts';

const user = (text: string): Pick<KubeconfigCase, 'files'> => ({
  files: { config: kubeconfig({ user: text }) },
});

const exec = (more: string, args = "'{{plugin}}'"): string =>
  `{ exec: { command: '{{node}}', args: [${args}], ${more} } }`;

const v1 = 'apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never';
const beta = 'apiVersion: client.authentication.k8s.io/v1beta1';

const relative = `{ exec: { command: '{{node-from-in}}', args: ['{{plugin}}'], ${v1} } }`;

/** Tells when an ID token ends, as OIDC providers sign it; nobody checks this signature. */
const idToken = (expires: number): string =>
  [{ alg: 'none' }, { sub: 'ci', exp: expires }]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .concat('x')
    .join('.');

/** Who sends a request: tokens, passwords, certificates, plugins, impersonation. */
export const userCases: readonly KubeconfigCase[] = [
  { name: 'a token', ...user('{ token: t0ken }') },
  {
    name: 'a token file, relative to the kubeconfig',
    files: { 'in/config': kubeconfig({ user: '{ tokenFile: token }' }), 'in/token': 'from-file\n' },
    paths: ['in/config'],
  },
  {
    name: 'a token file, absolute',
    files: {
      config: kubeconfig({ user: "{ tokenFile: '{{folder}}/token' }" }),
      token: 'from-file\n',
    },
  },
  {
    name: 'a token and a token file',
    files: { config: kubeconfig({ user: '{ token: t0ken, tokenFile: token }' }), token: 'file' },
  },
  {
    name: 'a token, and a token file that is not there',
    ...user('{ token: t0ken, tokenFile: token }'),
  },
  { name: 'a token file that is not there', ...user('{ tokenFile: token }') },
  { name: 'a token that is a number', ...user('{ token: 12345678 }') },
  { name: 'a name and a password', ...user('{ username: bob, password: s3cret }') },
  { name: 'a name without a password', ...user('{ username: bob }') },
  { name: 'a password that is a number', ...user('{ username: bob, password: 123 }') },
  {
    name: 'a token beside a password',
    ...user('{ token: t0ken, username: bob, password: s3cret }'),
  },
  {
    name: 'a token file beside a password',
    files: {
      config: kubeconfig({ user: '{ tokenFile: token, username: bob, password: s3cret }' }),
      token: 'file',
    },
  },
  { name: 'a password without a name', ...user('{ password: s3cret }') },
  { name: 'nobody at all', ...user('{}') },
  { name: 'a user that is null', ...user('null') },
  {
    name: 'a client certificate as data',
    ...user("{ client-certificate-data: '{{cert}}', client-key-data: '{{key}}' }"),
  },
  {
    name: 'a client certificate in relative files',
    files: {
      'in/config': kubeconfig({
        user: '{ client-certificate: tls/cert.pem, client-key: ./tls/key.pem }',
      }),
      'in/tls/cert.pem': '{{cert-pem}}',
      'in/tls/key.pem': '{{key-pem}}',
    },
    paths: ['in/config'],
  },
  {
    name: 'a client certificate in absolute files',
    files: {
      config: kubeconfig({
        user: "{ client-certificate: '{{folder}}/cert.pem', client-key: '{{folder}}/key.pem' }",
      }),
      'cert.pem': '{{cert-pem}}',
      'key.pem': '{{key-pem}}',
    },
  },
  {
    name: 'a client certificate with a token',
    ...user("{ token: t0ken, client-certificate-data: '{{cert}}', client-key-data: '{{key}}' }"),
  },
  {
    name: 'a client certificate as data and as a file',
    files: {
      config: kubeconfig({
        user: "{ client-certificate-data: '{{cert}}', client-certificate: cert.pem, client-key-data: '{{key}}' }",
      }),
      'cert.pem': '{{cert-pem}}',
    },
  },
  {
    name: 'a client certificate without its key',
    ...user("{ client-certificate-data: '{{cert}}' }"),
  },
  { name: 'a key without its certificate', ...user("{ client-key-data: '{{key}}' }") },
  {
    name: 'a key without its certificate beside a token',
    ...user("{ token: t0ken, client-key-data: '{{key}}' }"),
  },
  {
    name: 'a key file without a certificate that is not there',
    ...user('{ client-key: /home/nobody/key.pem }'),
  },
  {
    name: 'a client certificate that is not there',
    ...user("{ client-certificate: cert.pem, client-key-data: '{{key}}' }"),
  },
  {
    name: 'data that is not base64',
    ...user("{ client-certificate-data: '***', client-key-data: '{{key}}' }"),
  },
  { name: 'a plugin with a token', ...user(exec(v1)) },
  {
    name: 'a plugin with arguments and environment',
    ...user(
      exec(
        `${v1}, env: [{ name: PLUGIN_A, value: one }, { name: PLUGIN_B, value: '' }]`,
        "'{{plugin}}', --region, 'a b'",
      ),
    ),
  },
  {
    name: 'a plugin with a certificate',
    ...user(exec(v1, "'{{plugin}}', certificate")),
  },
  { name: 'a plugin of v1beta1', ...user(exec(beta)) },
  {
    name: 'a plugin of v1beta1 that says when it asks',
    ...user(exec(`${beta}, interactiveMode: IfAvailable`)),
  },
  {
    name: 'a plugin of v1alpha1',
    ...user(exec('apiVersion: client.authentication.k8s.io/v1alpha1')),
  },
  { name: 'a plugin without apiVersion', ...user(exec('interactiveMode: Never')) },
  {
    name: 'a plugin of v1 without interactiveMode',
    ...user(exec('apiVersion: client.authentication.k8s.io/v1')),
  },
  {
    name: 'a plugin that needs a person',
    ...user(exec('apiVersion: client.authentication.k8s.io/v1, interactiveMode: Always')),
  },
  {
    name: 'a plugin with an unknown interactiveMode',
    ...user(exec('apiVersion: client.authentication.k8s.io/v1, interactiveMode: Sometimes')),
  },
  {
    name: 'a plugin that is told of its cluster',
    files: {
      config: kubeconfig({
        user: exec(`${v1}, provideClusterInfo: true`),
        cluster: `{ server: '{{localhost}}', tls-server-name: service.test, certificate-authority-data: '{{ca}}', extensions: [{ name: client.authentication.k8s.io/exec, extension: { audience: x } }, { name: other, extension: { a: 1 } }] }`,
      }),
    },
  },
  {
    name: 'a plugin that is told of a cluster whose authority is a file',
    files: {
      config: kubeconfig({
        user: exec(`${v1}, provideClusterInfo: true`),
        cluster: "{ server: '{{secure}}', certificate-authority: ca.pem }",
      }),
      'ca.pem': '{{ca-pem}}',
    },
  },
  {
    name: 'a plugin without a command',
    ...user('{ exec: { apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never } }'),
  },
  {
    name: 'a plugin with a nameless variable',
    ...user(exec(`${v1}, env: [{ value: one }]`)),
  },
  { name: 'a plugin with a number among its arguments', ...user(exec(v1, "'{{plugin}}', 42")) },
  {
    name: 'a plugin by a path relative to the kubeconfig',
    files: { 'in/config': kubeconfig({ user: relative }) },
    paths: ['in/config'],
  },
  {
    name: 'a plugin by a path relative to the second kubeconfig',
    files: {
      first: 'apiVersion: v1\nkind: Config\ncurrent-context: here\n',
      'in/config': kubeconfig({ user: relative }),
    },
    paths: ['first', 'in/config'],
  },
  {
    name: 'a plugin beside a token',
    ...user(`{ token: t0ken, exec: { command: '{{node}}', args: ['{{plugin}}'], ${v1} } }`),
  },
  {
    name: 'a plugin beside a password',
    ...user(
      `{ username: bob, password: s3cret, exec: { command: '{{node}}', args: ['{{plugin}}'], ${v1} } }`,
    ),
  },
  {
    name: 'a plugin beside a client certificate',
    ...user(
      `{ client-certificate-data: '{{cert}}', client-key-data: '{{key}}', exec: { command: '{{node}}', args: ['{{plugin}}'], ${v1} } }`,
    ),
  },
  {
    name: 'a plugin beside an auth provider',
    ...user(
      `{ auth-provider: { name: oidc, config: {} }, exec: { command: '{{node}}', args: ['{{plugin}}'], ${v1} } }`,
    ),
  },
  {
    name: 'the auth provider gcp',
    ...user('{ auth-provider: { name: gcp, config: { access-token: x } } }'),
  },
  {
    name: 'the auth provider azure beside a token',
    ...user('{ token: t0ken, auth-provider: { name: azure } }'),
  },
  {
    name: 'the auth provider oidc with an ID token that holds',
    ...user(
      `{ auth-provider: { name: oidc, config: { idp-issuer-url: 'https://127.0.0.1:1', client-id: x, id-token: ${idToken(4_000_000_000)} } } }`,
    ),
  },
  {
    name: 'the auth provider oidc with an ID token that has run out',
    ...user(
      `{ auth-provider: { name: oidc, config: { idp-issuer-url: 'https://127.0.0.1:1', client-id: x, id-token: ${idToken(1_000_000_000)} } } }`,
    ),
  },
  {
    name: 'the auth provider oidc without an ID token',
    ...user(
      "{ auth-provider: { name: oidc, config: { idp-issuer-url: 'https://127.0.0.1:1', client-id: x } } }",
    ),
  },
  {
    name: 'the auth provider oidc beside a token',
    ...user(
      `{ token: t0ken, auth-provider: { name: oidc, config: { idp-issuer-url: 'https://127.0.0.1:1', client-id: x, id-token: ${idToken(4_000_000_000)} } } }`,
    ),
  },
  { name: 'impersonation of a user', ...user('{ token: t0ken, as: bob }') },
  {
    name: 'impersonation with groups, uid and extra',
    ...user(
      "{ token: t0ken, as: bob, as-uid: u-1, as-groups: [dev, ops], as-user-extra: { reason: [deploy, night], 'acme.com/Team': [a] } }",
    ),
  },
  { name: 'impersonation of groups without a user', ...user('{ token: t0ken, as-groups: [dev] }') },
  {
    name: 'no credentials over plain HTTP',
    files: {
      config: kubeconfig({
        cluster: "{ server: '{{plain}}' }",
        user: '{ token: t0ken, as: bob }',
      }),
    },
  },
  {
    name: 'no password over plain HTTP',
    files: {
      config: kubeconfig({
        cluster: "{ server: '{{plain}}' }",
        user: '{ username: bob, password: s3cret }',
      }),
    },
  },
  {
    name: 'no plugin over plain HTTP',
    files: { config: kubeconfig({ cluster: "{ server: '{{plain}}' }", user: exec(v1) }) },
  },
  {
    name: 'extensions and unknown fields everywhere',
    files: {
      config: `${kubeconfig({
        user: '{ token: t0ken, shoe-size: 44, extensions: [{ name: x, extension: { a: [1] } }] }',
        cluster: verified.replace(
          / }$/,
          ', colour: red, extensions: [{ name: x, extension: 1 }] }',
        ),
        context: '{ cluster: c, user: u, mood: good, extensions: [] }',
      })}preferences: { colors: true }\nextensions: [{ name: x, extension: {} }]\nnotes: hello\n`,
    },
  },
];
