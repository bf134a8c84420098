import { setTimeout as sleep } from 'node:timers/promises';
import { workloadTemplate } from '../../test/rollout/charts/workload-template.ts';
import type { HelmFixture } from '../../test/rollout/helm-fixture.ts';

/** A rollout that takes its time and comes to an end. */
export interface SlowRollout {
  name: string;
  /** Its chart; `slow` in its values makes the second revision another one than the first. */
  template: string;
  /** What happens beside the upgrade that makes it come to its end. */
  meanwhile?: (fixture: HelmFixture, release: string) => Promise<unknown>;
  /** What the namespace, or the node, gets its own state back by. */
  after?: (fixture: HelmFixture, release: string) => Promise<unknown>;
}

const env = (...pairs: readonly string[]): string =>
  `env: [${pairs.map((pair) => `{ name: ${pair.replace('=', ", value: '")}' }`).join(', ')}]`;
const ready = 'readinessProbe: { httpGet: { path: /readyz, port: 8080 }, periodSeconds: 1 }';
const scratch = 'volumeMounts: [{ name: scratch, mountPath: /scratch }]';
const scratchVolume = 'volumes: [{ name: scratch, emptyDir: {} }]';
/** Lines that only the second revision has. */
const slow = (...lines: readonly string[]): readonly string[] => [
  '{{- if .Values.slow }}',
  ...lines,
  '{{- end }}',
];

const crashing = (times: number): SlowRollout => ({
  name: `crashes ${times} times while a database starts`,
  template: workloadTemplate({
    podSpec: [scratchVolume],
    container: [
      ...slow(env('CRASH_ONCE=/scratch/crashed', `CRASH_TIMES=${times}`)),
      scratch,
      ready,
    ],
  }),
});

const readyAfter = (seconds: number): SlowRollout => ({
  name: `ready after ${seconds} s`,
  template: workloadTemplate({ container: [...slow(env(`READY_AFTER=${seconds}`)), ready] }),
});

/** Makes an object some time after the upgrade has begun. */
const madeAfter =
  (seconds: number, ...args: readonly string[]) =>
  async (fixture: HelmFixture, release: string): Promise<unknown> => {
    await sleep(seconds * 1_000);
    const named = args.map((arg) => arg.replaceAll('RELEASE', release));
    return await fixture.kubectl(...named, '-n', fixture.namespace);
  };

const secret = ['create', 'secret', 'generic', 'RELEASE-late', '--from-literal=a=b'];
const needsSecret = workloadTemplate({
  container: slow("envFrom: [{ secretRef: { name: '{{ .Release.Name }}-late' } }]"),
});

/** A Secret that an operator makes; only the definitions of its kinds are in the cluster. */
const madeBy = (kind: string, spec: string, seconds: number): SlowRollout => ({
  name: `a Secret that a ${kind} makes after ${seconds} s`,
  template: `${needsSecret}{{- if .Values.slow }}
---
apiVersion: ${kind === 'Certificate' ? 'cert-manager.io/v1' : 'external-secrets.io/v1'}
kind: ${kind}
metadata: { name: '{{ .Release.Name }}' }
spec: ${spec}
{{- end }}
`,
  meanwhile: madeAfter(seconds, ...secret),
});

const label = 'slipway.test/late';
const node = async (fixture: HelmFixture): Promise<string> =>
  await fixture.kubectl('get', 'nodes', '-o', 'jsonpath={.items[0].metadata.name}');

/** The rollouts of fault 7 among them: what plain Helm waits for, and completes. */
export const slowRollouts: readonly SlowRollout[] = [
  crashing(1),
  crashing(2),
  crashing(3),
  readyAfter(25),
  readyAfter(70),
  madeBy(
    'Certificate',
    "{ secretName: '{{ .Release.Name }}-late', dnsNames: [shop.example.com] }",
    45,
  ),
  madeBy('ExternalSecret', "{ target: { name: '{{ .Release.Name }}-late' } }", 35),
  {
    name: 'a Secret that comes after 30 s',
    template: needsSecret,
    meanwhile: madeAfter(30, ...secret),
  },
  {
    name: 'a ConfigMap that comes after 10 s',
    template: workloadTemplate({
      container: slow("envFrom: [{ configMapRef: { name: '{{ .Release.Name }}-late' } }]"),
    }),
    meanwhile: madeAfter(10, 'create', 'configmap', 'RELEASE-late', '--from-literal=a=b'),
  },
  {
    name: 'a node that fits after 70 s',
    template: workloadTemplate({ podSpec: slow(`nodeSelector: { ${label}: 'yes' }`) }),
    meanwhile: async (fixture) => {
      await sleep(70_000);
      await fixture.kubectl('label', 'node', await node(fixture), `${label}=yes`, '--overwrite');
    },
    after: async (fixture) =>
      await fixture.kubectl('label', 'node', await node(fixture), `${label}-`),
  },
  {
    name: 'old pods that take 25 s to end, with Recreate',
    template: workloadTemplate({
      spec: ['strategy: { type: Recreate }'],
      container: [
        'lifecycle: { preStop: { sleep: { seconds: 25 } } }',
        ...slow(env('MESSAGE=new')),
      ],
    }).replace('terminationGracePeriodSeconds: 1', 'terminationGracePeriodSeconds: 40'),
  },
  {
    name: 'a stateful set of 3, each ready after 8 s',
    template: workloadTemplate({
      kind: 'StatefulSet',
      spec: ['replicas: 3', 'serviceName: none'],
      container: [...slow(env('READY_AFTER=8')), ready],
    }),
  },
  {
    name: 'an init container of 25 s',
    template: workloadTemplate({
      podSpec: slow(
        "initContainers: [{ name: init, image: '{{ .Values.image }}', env: [{ name: EXIT_AFTER, value: '25' }] }]",
      ),
    }),
  },
  {
    name: 'a migration before it of 20 s',
    template: `${workloadTemplate({ container: slow(env('MESSAGE=new')) })}---
apiVersion: batch/v1
kind: Job
metadata: { name: '{{ .Release.Name }}-migrate', annotations: { helm.sh/hook: pre-upgrade } }
spec:
  template:
    spec:
      restartPolicy: OnFailure
      containers:
        - name: main
          image: '{{ .Values.image }}'
          env: [{ name: EXIT_AFTER, value: '20' }]
`,
  },
  {
    name: 'pods that count as available after 20 s',
    template: workloadTemplate({
      spec: ['minReadySeconds: 20'],
      container: [...slow(env('MESSAGE=new')), ready],
    }),
  },
  {
    name: 'a scale-out in the middle',
    template: workloadTemplate({ container: [...slow(env('READY_AFTER=15')), ready] }),
    meanwhile: madeAfter(6, 'scale', 'deployment/RELEASE', '--replicas=3'),
  },
];
