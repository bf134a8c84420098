import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Env } from './cache-folder.ts';
import { runGo } from './go-build.ts';
import { madeOnce } from './made-once.ts';
import { sourceDigest } from './programs.ts';
import { versions } from './versions.ts';

/** The parts of Kubernetes that the lab runs. */
export type KubernetesPart =
  'kube-apiserver' | 'kube-controller-manager' | 'kube-scheduler' | 'kubelet';

/** How each part is started: a file, and arguments that come before its own. */
export type KubernetesPrograms = (part: KubernetesPart) => { file: string; args: string[] };

const source = path.join(import.meta.dirname, 'kubernetes');

export async function ensureKubernetes(cache: string, env: Env): Promise<KubernetesPrograms> {
  const digest = await sourceDigest(source);
  const final = path.join(cache, 'kubernetes', `v${versions.kubernetes}-${digest}`, 'kubernetes');
  const [major, minor] = versions.kubernetes.split('.');
  const stamp = 'k8s.io/component-base/version';
  const file = await madeOnce(final, async (partial) => {
    await runGo({
      args: [
        'build',
        '-v',
        '-trimpath',
        '-buildvcs=false',
        `-ldflags=-s -w -X ${stamp}.gitVersion=v${versions.kubernetes} -X ${stamp}.gitMajor=${major} -X ${stamp}.gitMinor=${minor}`,
        '-o',
        partial,
        '.',
      ],
      cwd: source,
      env,
    });
  });
  if (!existsSync(file)) throw new Error(`${file} is gone.`);
  return (part) => ({ file, args: [part] });
}
