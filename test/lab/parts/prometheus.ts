import type { Layout } from '../places/layout.ts';

/**
 * Prometheus's configuration. The pods come from a file that the lab's `services` program keeps
 * true, under kubernetes_sd's own meta labels: Debian's Prometheus lacks kubernetes_sd. Every pod that asks for it by annotation is scraped every two
 * seconds, so that a verification of half a minute has something to judge.
 */
export function prometheusConfig(targets: string): string {
  const annotation = (name: string): string =>
    `__meta_kubernetes_pod_annotation_prometheus_io_${name}`;
  return `global:
  scrape_interval: 2s
  scrape_timeout: 2s
  evaluation_interval: 2s
scrape_configs:
  - job_name: pods
    file_sd_configs:
      - files: [${targets}]
    relabel_configs:
      - source_labels: [${annotation('scrape')}]
        regex: 'true'
        action: keep
      # A pod that has ended has no address to scrape, and would be down for ever.
      - source_labels: [__meta_kubernetes_pod_phase]
        regex: Succeeded|Failed
        action: drop
      - source_labels: [__meta_kubernetes_pod_ip, ${annotation('port')}]
        regex: (.+);(\\d+)
        target_label: __address__
        replacement: $1:$2
      - source_labels: [${annotation('path')}]
        regex: (.+)
        target_label: __metrics_path__
      - source_labels: [${annotation('scheme')}]
        regex: (https?)
        target_label: __scheme__
      - action: labelmap
        regex: __meta_kubernetes_pod_label_(.+)
      - source_labels: [__meta_kubernetes_namespace]
        target_label: namespace
      - source_labels: [__meta_kubernetes_pod_name]
        target_label: pod
      - source_labels: [__meta_kubernetes_pod_node_name]
        target_label: node
`;
}

/** Arguments of a Prometheus on loopback that keeps two hours. */
export function prometheusArguments(layout: Layout, port: number): string[] {
  return [
    `--config.file=${layout.state}/prometheus.yml`,
    `--storage.tsdb.path=${layout.prometheus}`,
    '--storage.tsdb.retention.time=2h',
    `--web.listen-address=127.0.0.1:${port}`,
    '--web.enable-lifecycle',
    '--log.level=warn',
  ];
}
