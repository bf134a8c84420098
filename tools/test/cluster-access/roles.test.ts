import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { load } from 'js-yaml';
import {
  clientNames,
  intoPods,
  kubeCalls,
  type KubeCall,
  type KubeMethod,
} from '../../cluster-access/kube-calls.ts';
import { grants, rightsOf, rightText, type Right, type Rule } from '../../cluster-access/rights.ts';
import { readSources } from '../../imports/sources.ts';
import { makerKinds } from '../../../packages/rollout/src/follow/maker-kind.ts';
import { root } from '../../manifest.ts';

const sources = readSources(root);

/** The kinds that can be followed (packages/kube/src/workload/workload-ref.ts). */
const workloads = [
  '/apis/apps/v1/namespaces/*/deployments/*',
  '/apis/apps/v1/namespaces/*/statefulsets/*',
  '/apis/apps/v1/namespaces/*/daemonsets/*',
  '/apis/batch/v1/namespaces/*/jobs/*',
  '/apis/argoproj.io/v1alpha1/namespaces/*/rollouts/*',
];
const lease = '/apis/coordination.k8s.io/v1/namespaces/*/leases/*';
/** An object of the chart: a Deployment is one, whatever else it has. */
const ofChart = '/apis/apps/v1/namespaces/*/deployments/*';

const ofHistory = ['/api/v1/namespaces/*/secrets', '/api/v1/namespaces/*/configmaps'];

const ofRevisions = ['replicasets', 'controllerrevisions'].map(
  (resource) => `/apis/apps/v1/namespaces/*/${resource}`,
);

/** What a path is that only run time tells, by method and expression: other such calls are not known here. */
const atRunTime: Readonly<Record<string, readonly string[]>> = {
  'get workloadPath(ref)': workloads,
  // The names of what may have been meant by a workload that is not there.
  'list workloadPath({ kind: of, namespace })': workloads.map((one) => one.replace(/\/\*$/, '')),
  // The lease that is waited for, and an object of the chart.
  'get path': [lease, ofChart],
  'apply path': [ofChart],
  // Jobs and Pods that hooks of a failed first install left.
  'delete path': ['/apis/batch/v1/namespaces/*/jobs/*', '/api/v1/namespaces/*/pods/*'],
  'patch path': [ofChart],
  'patch workloadPath(ref)': [ofChart],
  // Helm's history, in Secrets or in ConfigMaps.
  'list /api/v1/namespaces/*/*': ofHistory,
  'patch /api/v1/namespaces/*/*/*': ofHistory.map((one) => `${one}/*`),
  // The first version of an object of the chart, which is only tried.
  "create path.slice(0, path.lastIndexOf('/'))": [ofChart.replace(/\/\*$/, '')],
  // The workload itself, as an upgrade watches it, and no upgrade is of Argo Rollouts.
  'follow path': workloads
    .filter((one) => !one.includes('argoproj'))
    .map((one) => one.replace(/\/\*$/, '')),
  // The same as a verification watches it, with what tells its revisions.
  'follow workloadPath({ kind, namespace })': workloads.map((one) => one.replace(/\/\*$/, '')),
  'follow list.path': ofRevisions,
  'list list.path': ofRevisions,
  // What is watched, asked for once in a while: a watch that died says nothing.
  'list path': ['/api/v1/namespaces/*/pods', ...ofRevisions],
  // Within feedObjects itself; what it is given is a call `follow`.
  'follow scope.path': [],
  // Within followObjects itself; what it is given is a call `follow`.
  'listAt path': [],
  'watch path': [],
  // Discovery, which every authenticated user may ask (system:discovery).
  'get root': [],
  'list makerPath(kind, version, namespace)': makerKinds.map(
    ({ group, resource }) => `/apis/${group}/v1/namespaces/*/${resource}`,
  ),
};

/** What no role needs to grant, and why. */
const granted: Readonly<Record<string, string>> = {
  'create selfsubjectaccessreviews.authorization.k8s.io':
    'every authenticated user may (system:basic-user)',
  'list events.events.k8s.io': 'asked only where events of the core API are forbidden',
};

/** Discovery, which every authenticated user may ask (system:discovery). */
const discovery = new Set(['/api', '/apis', '/version']);

function pathsOf({ method, path: place, file, line }: KubeCall): readonly string[] {
  if (method === 'get' && discovery.has(place)) return [];
  const known = atRunTime[`${method} ${place}`];
  if (known === undefined && (place.startsWith('/') || intoPods.has(method))) return [place];
  if (known === undefined)
    throw new Error(`${file}:${line}: say in atRunTime what ${method} ${place} asks for`);
  return known;
}

function neededBy(...packages: string[]): readonly Right[] {
  const rights = kubeCalls(sources, packages).flatMap((call) =>
    pathsOf(call).flatMap((place) => rightsOf(call.method, place)),
  );
  const byText = new Map(rights.map((right) => [rightText(right), right]));
  return [...byText.values()].filter((right) => !(rightText(right) in granted));
}

function rulesOf(file: string): readonly Rule[] {
  const text = readFileSync(path.join(root, 'docs', 'cluster-access', file), 'utf8');
  return (load(text) as { rules: Rule[] }).rules;
}

const rightsIn = (rules: readonly Rule[]): readonly Right[] =>
  rules.flatMap(({ apiGroups, resources, verbs }) =>
    apiGroups.flatMap((group) =>
      resources.flatMap((resource) => verbs.map((verb) => ({ verb, group, resource }))),
    ),
  );

const lacking = (needed: readonly Right[], rules: readonly Rule[]): readonly string[] =>
  needed.filter((right) => !rules.some((rule) => grants(rule, right))).map(rightText);

const forNamespaces = new Set(['get namespaces', 'create namespaces']);
const forCrds = /^\w+ customresourcedefinitions\./;
/** Of a kind that is read where somebody names it, and not followed in a chart. */
const ofArgo = /^\w+ rollouts\.argoproj\.io$/;
/** An upgrade reads what tells the revisions, and a verification watches it. */
const ofVerifications = /^watch (?:replicasets|controllerrevisions)\./;
const forUpgrade = neededBy('kube', 'rollout', 'helm').filter(
  (right) =>
    !forNamespaces.has(rightText(right)) &&
    !forCrds.test(rightText(right)) &&
    !ofArgo.test(rightText(right)) &&
    !ofVerifications.test(rightText(right)),
);
const forVerification = neededBy('kube', 'rollout', 'health');

test('every request to a cluster is found, whatever the client is called', () => {
  const named = [...sources]
    .filter(([file]) => /^(?:packages|actions)\/[^/]+\/src\//.test(file))
    .flatMap(([, text]) => [...text.matchAll(/(\w+)\??: KubeClient\b/g)].map(([, name]) => name));
  expect(named.length).toBeGreaterThan(10);
  expect(named.filter((name) => name === undefined || !clientNames.has(name))).toEqual([]);
});

test('actions ask a cluster only through packages', () => {
  const asking = [...sources].filter(
    ([file, text]) =>
      file.startsWith('actions/') &&
      file.includes('/src/') &&
      /\b(?:kube|client)\.(?:get|list|listAt|watch|create|patch|apply|delete|text|podProxy|portForward)[<(]/.test(
        text,
      ),
  );
  expect(asking.map(([file]) => file)).toEqual([]);
});

describe('the role of helm-atomic-upgrade', () => {
  const rules = rulesOf('helm-atomic-upgrade.yaml');
  test('covers every request that its packages can send', () => {
    expect(forUpgrade.length).toBeGreaterThan(10);
    expect(lacking(forUpgrade, rules)).toEqual([]);
  });

  test('has of each kind of a chart all verbs that Helm and a trial on the API server use', () => {
    const chartRules = rules.filter(
      ({ verbs }) => verbs.includes('watch') && verbs.includes('patch'),
    );
    expect(chartRules.length).toBeGreaterThan(0);
    for (const { verbs } of chartRules)
      expect(verbs).toEqual(['get', 'list', 'watch', 'create', 'update', 'patch', 'delete']);
  });

  test('has no more than these, what Helm keeps in Secrets, and the get with which Helm waits', () => {
    const more = rightsIn(rules)
      .filter((right) => !forUpgrade.some((needed) => rightText(needed) === rightText(right)))
      .map(rightText)
      .filter(
        (text) =>
          !rules.some(
            (rule) =>
              rule.verbs.length === 7 && rule.resources.includes(text.split(/[ .]/)[1] ?? ''),
          ),
      );
    expect(more.sort()).toEqual([
      'create secrets',
      'delete secrets',
      'get controllerrevisions.apps',
      'get pods',
      'get replicasets.apps',
      'get secrets',
      'update secrets',
    ]);
  });
});

describe('the role of verify-health', () => {
  const rules = rulesOf('verify-health.yaml');
  test('covers every request that a verification can send', () => {
    expect(lacking(forVerification, rules)).toEqual([]);
  });

  test('has no right that no request needs', () => {
    const more = rightsIn(rules).filter(
      (right) => !forVerification.some((needed) => rightText(needed) === rightText(right)),
    );
    expect(more.map(rightText)).toEqual([]);
  });
});

test('the role for new namespaces covers what make one', () => {
  const needed = neededBy('helm').filter((right) => forNamespaces.has(rightText(right)));
  expect(needed).toHaveLength(2);
  expect(lacking(needed, rulesOf('create-namespace.yaml'))).toEqual([]);
});

test('the role for CRDs covers what brings those of a chart', () => {
  const needed = neededBy('helm').filter((right) => forCrds.test(rightText(right)));
  expect(needed).toHaveLength(3);
  expect(lacking(needed, rulesOf('custom-resource-definitions.yaml'))).toEqual([]);
});

describe('a right of a request', () => {
  test.each<[KubeMethod, string, readonly string[]]>([
    ['text', '/api/v1/namespaces/*/pods/*/log', ['get pods/log']],
    ['follow', '/api/v1/namespaces/*/pods', ['list pods', 'watch pods']],
    ['apply', ofChart, ['patch deployments.apps', 'create deployments.apps']],
    ['create', '/api/v1/namespaces', ['create namespaces']],
    ['get', '/api/v1/namespaces/*', ['get namespaces']],
  ])('of %s %s is %j', (method, place, texts) => {
    expect(rightsOf(method, place).map(rightText)).toEqual(texts);
  });

  test('is not made up for what is no path', () => {
    expect(() => rightsOf('get', 'somewhere')).toThrow('no path of the Kubernetes API');
  });
});
