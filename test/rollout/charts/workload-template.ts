/** What a chart's workload has besides the release's name, its labels and the container `main`. */
export interface WorkloadParts {
  kind?: 'Deployment' | 'StatefulSet';
  /** Lines of YAML below `spec`. */
  spec?: readonly string[];
  /** Lines of YAML below the pod's `spec`. */
  podSpec?: readonly string[];
  /** Lines of YAML of the container, besides name and image. */
  container?: readonly string[];
}

function lines(parts: readonly string[] | undefined, indent: number): string {
  return (parts ?? []).map((line) => `${' '.repeat(indent)}${line}\n`).join('');
}

/** The template of a workload that is named like its release and runs the image of the values. */
export function workloadTemplate(parts: WorkloadParts): string {
  return `apiVersion: apps/v1
kind: ${parts.kind ?? 'Deployment'}
metadata: { name: '{{ .Release.Name }}' }
spec:
${lines(parts.spec, 2)}  selector: { matchLabels: { app: '{{ .Release.Name }}' } }
  template:
    metadata: { labels: { app: '{{ .Release.Name }}' } }
    spec:
      terminationGracePeriodSeconds: 1
${lines(parts.podSpec, 6)}      containers:
        - name: main
          image: '{{ .Values.image }}'
${lines(parts.container, 10)}`;
}
