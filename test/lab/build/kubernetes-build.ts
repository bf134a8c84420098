import type { Env } from '../places/cache-folder.ts';
import { runGo } from './go-build.ts';

/** Where the module of the one program is, and what version to stamp into it. */
export interface KubernetesSource {
  folder: string;
  version: string;
  env: Env;
}

/** What a build tells while it runs. */
export interface BuildEvents {
  onModule: (count: number) => void;
  onPackage: (done: number, total: number) => void;
  onLink: () => void;
}

function buildFlags(version: string): string[] {
  const [major = '', minor = ''] = version.split('.');
  const stamp = (name: string, value: string): string =>
    `-X k8s.io/component-base/version.${name}=${value}`;
  const stamps = [
    stamp('gitVersion', `v${version}`),
    stamp('gitMajor', major),
    stamp('gitMinor', minor),
  ];
  return ['-trimpath', '-buildvcs=false', `-ldflags=-s -w ${stamps.join(' ')}`];
}

/**
 * How many packages the build cache lacks. An interrupted build left its packages there, so this is
 * also what makes the next one's prediction true. Fetches missing modules on the way.
 */
async function countStale(
  source: KubernetesSource,
  flags: readonly string[],
  onModule: (count: number) => void,
): Promise<number> {
  let modules = 0;
  const stale = await runGo({
    args: ['list', ...flags, '-deps', '-f', '{{if .Stale}}{{.ImportPath}}{{end}}', '.'],
    cwd: source.folder,
    env: source.env,
    onLine: (line) => {
      if (line.startsWith('go: downloading ')) onModule((modules += 1));
    },
  });
  return stale.split('\n').filter((line) => line !== '').length;
}

/**
 * Builds Kubernetes into the file `output`: 2,500 packages, minutes on two cores, below all else
 * on the machine. Killed half way, it goes on from Go's build cache the next time.
 */
export async function buildKubernetes(
  source: KubernetesSource,
  output: string,
  events: BuildEvents,
): Promise<void> {
  const flags = buildFlags(source.version);
  const total = await countStale(source, flags, events.onModule);
  let done = 0;
  events.onPackage(done, total);
  await runGo({
    args: ['build', '-v', ...flags, '-o', output, '.'],
    cwd: source.folder,
    env: source.env,
    // With -v go names each package as it starts to compile it.
    onLine: (line) => {
      if (!/^[\w.~-]+(\/[\w.~+-]+)*$/.test(line)) return;
      done += 1;
      events.onPackage(Math.min(done, total), total);
      if (done >= total) events.onLink();
    },
  });
}
