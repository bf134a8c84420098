/** The parts of Kubernetes that the lab runs, each a command of its own in a release. */
export const kubernetesParts = [
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'kubelet',
] as const;

/** One of the parts. */
export type KubernetesPart = (typeof kubernetesParts)[number];

/** How each part is started: a file, and arguments that come before its own. */
export type KubernetesPrograms = (part: KubernetesPart) => { file: string; args: string[] };
