import type { KubeconfigCase } from './case.ts';
import { kubeconfig, verified } from './template.ts';

const context = (text: string): Pick<KubeconfigCase, 'files'> => ({
  files: { config: kubeconfig({ context: text }) },
});
const whole = (text: string): Pick<KubeconfigCase, 'files'> => ({ files: { config: text } });
const json = JSON.stringify({
  apiVersion: 'v1',
  kind: 'Config',
  'current-context': 'here',
  clusters: [
    { name: 'c', cluster: { server: '{{secure}}', 'certificate-authority-data': '{{ca}}' } },
  ],
  users: [{ name: 'u', user: { token: 't0ken' } }],
  contexts: [{ name: 'here', context: { cluster: 'c', user: 'u', namespace: 'shop' } }],
});
const two = `${kubeconfig()}- name: there
  context: { cluster: c, user: u, namespace: away }
`;
const second = `apiVersion: v1
kind: Config
clusters: [{ name: c, cluster: { server: 'https://second.test', insecure-skip-tls-verify: true } }]
users: [{ name: u, user: { token: second } }]
contexts: [{ name: here, context: { cluster: c, user: u, namespace: second } }]
current-context: here
`;

/** Which file counts, which context, and how the text may be written. */
export const fileCases: readonly KubeconfigCase[] = [
  { name: 'the file in the home folder', files: { 'home/.kube/config': kubeconfig() }, paths: [] },
  { name: 'a namespace in the context', ...context('{ cluster: c, user: u, namespace: shop }') },
  {
    name: 'a namespace that is no name',
    ...context("{ cluster: c, user: u, namespace: 'Shop/x' }"),
  },
  { name: 'a namespace that is null', ...context('{ cluster: c, user: u, namespace: null }') },
  { name: 'another context than the current one', ...whole(two), context: 'there' },
  { name: 'a context that is not there', ...whole(two), context: 'nowhere' },
  {
    name: 'a current context that is not there',
    ...whole(kubeconfig().replace('current-context: here', 'current-context: gone')),
  },
  {
    name: 'no current context, and one context',
    ...whole(kubeconfig().replace('current-context: here\n', '')),
  },
  {
    name: 'an empty current context, and two contexts',
    ...whole(two.replace('current-context: here', "current-context: ''")),
  },
  { name: 'a context without a user', ...context('{ cluster: c }') },
  { name: 'a context without a cluster', ...context('{ user: u }') },
  { name: 'a context whose user is not there', ...context('{ cluster: c, user: gone }') },
  { name: 'a context whose cluster is not there', ...context('{ cluster: gone, user: u }') },
  {
    name: 'other contexts that are broken',
    ...whole(`${kubeconfig()}- name: broken
  context: { cluster: gone, user: gone }
- name: empty
  context: {}
`),
  },
  {
    name: 'a user of the same name twice',
    ...whole(kubeconfig().replace('users:\n', 'users:\n- { name: u, user: { token: first } }\n')),
  },
  {
    name: 'a cluster of the same name twice',
    ...whole(
      kubeconfig().replace('clusters:\n', `clusters:\n- { name: c, cluster: ${verified} }\n`),
    ),
  },
  {
    name: 'a context of the same name twice',
    ...whole(
      kubeconfig().replace(
        'contexts:\n',
        'contexts:\n- { name: here, context: { cluster: c, user: u, namespace: first } }\n',
      ),
    ),
  },
  { name: 'a name that is a number', ...whole(kubeconfig().replace('- name: u', '- name: 7')) },
  {
    name: 'lists that are null',
    ...whole(`apiVersion: v1
kind: Config
preferences: {}
clusters: null
users:
contexts: null
current-context: ''
`),
  },
  {
    name: 'lists that are empty',
    ...whole('apiVersion: v1\nkind: Config\nclusters: []\nusers: []\ncontexts: []\n'),
  },
  {
    name: 'a list that is a mapping',
    ...whole(kubeconfig().replace('users:\n- name: u\n  user:', 'users:\n  u:')),
  },
  {
    name: 'the first file that names a thing wins',
    files: { config: kubeconfig(), second },
    paths: ['config', 'second'],
  },
  {
    name: 'a context of the second file with the cluster of the first',
    files: {
      first: `clusters: [{ name: c, cluster: ${verified} }]`,
      second,
    },
    paths: ['first', 'second'],
  },
  {
    name: 'the first current context wins',
    files: {
      first: two.replace('current-context: here', 'current-context: there'),
      second,
    },
    paths: ['first', 'second'],
  },
  {
    name: 'files that are not there, and empty entries',
    files: { config: kubeconfig() },
    paths: ['none', '', 'config', 'nor-this'],
  },
  { name: 'the same file twice', files: { config: kubeconfig() }, paths: ['config', 'config'] },
  { name: 'no file at all', files: {}, paths: ['none', 'nor-this'] },
  {
    name: 'an empty file beside a good one',
    files: { empty: '', config: kubeconfig() },
    paths: ['empty', 'config'],
  },
  {
    name: 'a file of comments beside a good one',
    files: { comments: '# nothing yet\n', config: kubeconfig() },
    paths: ['comments', 'config'],
  },
  {
    name: 'a broken file beside a good one',
    files: { broken: 'clusters: [', config: kubeconfig() },
    paths: ['config', 'broken'],
  },
  {
    name: 'a folder beside a good file',
    files: { 'folder/x': '', config: kubeconfig() },
    paths: ['folder', 'config'],
  },
  { name: 'an empty file', ...whole('') },
  { name: 'a file of comments', ...whole('# nothing yet\n') },
  { name: 'JSON', ...whole(json) },
  { name: 'JSON in lines with tabs', ...whole(JSON.stringify(JSON.parse(json), null, '\t')) },
  { name: 'JSON after a byte order mark', ...whole(`\uFEFF${json}`) },
  { name: 'a byte order mark', ...whole(`\uFEFF${kubeconfig()}`) },
  { name: 'lines that end as on Windows', ...whole(kubeconfig().replaceAll('\n', '\r\n')) },
  {
    name: 'anchors, aliases and a merge',
    ...whole(`apiVersion: v1
kind: Config
current-context: here
clusters:
- name: c
  cluster: ${verified}
users:
- name: base
  user: &base { token: t0ken, as: nobody }
- name: u
  user: { <<: *base, as: bob }
contexts:
- name: here
  context: { cluster: c, user: u }
`),
  },
  { name: 'a start of a document', ...whole(`---\n${kubeconfig()}`) },
  { name: 'a second document', ...whole(`${kubeconfig()}---\n${second}`) },
  {
    name: 'a key that is said twice',
    ...whole(kubeconfig({ user: '{ token: first, token: second }' })),
  },
  {
    name: 'a token that older YAML reads as a truth',
    ...whole(kubeconfig({ user: '{ token: yes }' })),
  },
  {
    name: 'a token that YAML reads as a date',
    ...whole(kubeconfig({ user: '{ token: 2026-01-01 }' })),
  },
  {
    name: 'no apiVersion and no kind',
    ...whole(kubeconfig().replace(/^apiVersion.*\nkind.*\n/, '')),
  },
  {
    name: 'no verification, in the words of older YAML',
    ...whole(kubeconfig({ cluster: "{ server: '{{secure}}', insecure-skip-tls-verify: yes }" })),
  },
  { name: 'another kind', ...whole(kubeconfig().replace('kind: Config', 'kind: Secret')) },
  {
    name: 'another apiVersion',
    ...whole(kubeconfig().replace('apiVersion: v1', 'apiVersion: v2')),
  },
  { name: 'fields in capitals', ...whole(kubeconfig({ user: '{ Token: t0ken }' })) },
  { name: 'a list', ...whole('- a\n- b\n') },
  { name: 'broken YAML', ...whole('clusters: [') },
];
