import * as fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll } from '@jest/globals';
import { workloadTemplate } from './charts/workload-template.ts';
import { openHelmFixture, type HelmFixture, type StepRun } from './helm-fixture.ts';

/** Shows its values, and has a workload and a hook where they are asked for. */
const template = `apiVersion: v1
kind: ConfigMap
metadata: { name: '{{ .Release.Name }}' }
data: { values: '{{ omit .Values "image" | toJson }}' }
{{- if .Values.replicas }}
---
${workloadTemplate({ spec: ['replicas: {{ .Values.replicas }}'] })}{{- end }}
{{- range .Values.tests }}
---
apiVersion: {{ .api }}
kind: {{ .kind }}
metadata: { name: '{{ $.Release.Name }}-{{ .name }}', annotations: { helm.sh/hook: test } }
spec:
  {{- $pod := dict "restartPolicy" "Never" "containers" (list (dict "name" "main" "image" $.Values.image "env" .env)) }}
  {{- if eq .kind "Job" }}
  backoffLimit: 0
  template: { spec: {{ toJson $pod }} }
  {{- else }}
  {{- toYaml $pod | nindent 2 }}
  {{- end }}
{{- end }}
{{- if .Values.hook }}
---
apiVersion: batch/v1
kind: Job
metadata: { name: '{{ .Release.Name }}-hook', annotations: { helm.sh/hook: 'pre-install,pre-upgrade' } }
spec:
  backoffLimit: 0
  template:
    spec:
      restartPolicy: Never
      containers: [{ name: main, image: '{{ .Values.image }}', env: [{ name: EXIT_CODE, value: '3' }, { name: EXIT_AFTER, value: '0' }] }]
{{- end }}
`;
const values = 'list: [{ of: chart, keep: 1 }]\nhook: false\n';
const schema = '{ "type": "object", "properties": { "size": { "type": "integer" } } }';

/** A namespace of the lab and a workspace with the chart, while the tests of a describe run. */
export interface OptionsPlace {
  fixture: HelmFixture;
  /** Its folder `chart` is the chart. */
  workspace: string;
  /** Writes a file of the workspace and gives its path. */
  write(name: string, text: string): Promise<string>;
  /** Runs main and post with the chart of the workspace. */
  step(inputs: Readonly<Record<string, string>>): Promise<StepRun>;
  /** `kubectl get` in the namespace. */
  get(...args: string[]): Promise<string>;
}

/** Opens a place before the tests of the describe that calls this, and closes it after them. */
export function optionsPlace(name: string, major: 'v3' | 'v4'): OptionsPlace {
  let fixture: HelmFixture;
  let workspace: string;
  const write = async (file: string, text: string): Promise<string> => {
    const target = path.join(workspace, file);
    await fs.mkdir(path.dirname(target), { recursive: true });
    await fs.writeFile(target, text);
    return target;
  };
  beforeAll(async () => {
    workspace = await fs.mkdtemp(path.join(os.tmpdir(), `helm-${name}-`));
    fixture = await openHelmFixture(name, major);
    const files = {
      'Chart.yaml': 'apiVersion: v2\nname: options\nversion: 1.0.0\n',
      'values.yaml': values,
      'values.schema.json': schema,
      'templates/all.yaml': template,
    };
    for (const [file, text] of Object.entries(files)) await write(path.join('chart', file), text);
  });
  afterAll(async () => {
    await fs.rm(workspace, { recursive: true, force: true });
    await fixture.close();
  });
  return {
    get fixture() {
      return fixture;
    },
    get workspace() {
      return workspace;
    },
    write,
    step: (inputs) => fixture.step({ chart: 'chart', ...inputs }, { workspace }),
    get: (...args) => fixture.kubectl('get', ...args, '-n', fixture.namespace),
  };
}
