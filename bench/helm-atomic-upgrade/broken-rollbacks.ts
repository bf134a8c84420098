import { workloadTemplate } from '../../test/rollout/charts/workload-template.ts';
import type { HelmFixture } from '../../test/rollout/helm-fixture.ts';

/** An upgrade that fails, and whose rollback may not bring everything back. */
export interface BrokenRollback {
  name: string;
  kind: 'deployment' | 'statefulset';
  /** Its chart; `bad` in its values makes the revision that fails. */
  template: string;
  /** What somebody does between the two revisions. */
  between?: (fixture: HelmFixture, release: string) => Promise<unknown>;
}

/** The image: none in the bad revision. */
const missing = (template: string): string =>
  template.replace(
    "image: '{{ .Values.image }}'",
    'image: \'{{ .Values.bad | ternary "127.0.0.1:5000/slipway/none:1" .Values.image }}\'',
  );

const ready = 'readinessProbe: { httpGet: { path: /readyz, port: 8080 }, periodSeconds: 1 }';

const service = `---
apiVersion: v1
kind: Service
metadata: { name: '{{ .Release.Name }}' }
spec: { selector: { app: '{{ .Release.Name }}' }, ports: [{ port: 80, targetPort: 8080 }] }
`;

const kubectl =
  (...args: readonly string[]) =>
  (fixture: HelmFixture, release: string): Promise<string> =>
    fixture.kubectl(
      ...args.map((arg) => arg.replaceAll('RELEASE', release)),
      '-n',
      fixture.namespace,
    );

const stateful = (strategy: string): string =>
  workloadTemplate({
    kind: 'StatefulSet',
    spec: ['replicas: 2', 'serviceName: none', `updateStrategy: { type: ${strategy} }`],
    container: [ready],
  });

/** Ordinary failures, and those that Helm's own rollback is known to lose (helm/helm#13346, #10219). */
export const brokenRollbacks: readonly BrokenRollback[] = [
  {
    name: 'a missing image',
    kind: 'deployment',
    template: missing(workloadTemplate({ container: [ready] })) + service,
  },
  {
    name: 'old pods that crash after 4 s',
    kind: 'deployment',
    template:
      missing(
        workloadTemplate({
          spec: ['strategy: { type: Recreate }'],
          container: ["env: [{ name: EXIT_AFTER, value: '4' }]"],
        }),
      ) + service,
  },
  { name: 'a stateful set', kind: 'statefulset', template: missing(stateful('RollingUpdate')) },
  {
    name: 'a field that somebody added between',
    kind: 'deployment',
    template: missing(workloadTemplate({ container: [ready] })) + service,
    between: kubectl('set', 'env', 'deployment/RELEASE', 'ADDED=by-hand'),
  },
  {
    name: 'a service account that does not exist',
    kind: 'deployment',
    template: `${workloadTemplate({
      podSpec: ['{{- if .Values.bad }}', 'serviceAccountName: ghost', '{{- end }}'],
      container: [ready],
    })}${service}`,
  },
  {
    name: 'a Service that somebody pointed elsewhere between',
    kind: 'deployment',
    template: missing(workloadTemplate({ container: [ready] })) + service,
    between: kubectl(
      ...['patch', 'service', 'RELEASE', '--type=merge'],
      ...['-p', '{"spec":{"selector":{"tier":"none"}}}'],
    ),
  },
  {
    name: 'a quota that went down between',
    kind: 'deployment',
    template:
      missing(workloadTemplate({ spec: ['strategy: { type: Recreate }'], container: [ready] })) +
      service,
    between: kubectl('create', 'quota', 'RELEASE', '--hard=pods=0'),
  },
];
