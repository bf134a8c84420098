import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import type { HelmFixture } from '../../test/rollout/helm-fixture.ts';

const execute = promisify(execFile);

/** The majors of Helm that are measured. */
export const majors = ['v3', 'v4'] as const;
export type Major = (typeof majors)[number];

/** One upgrade, as either arm makes it. */
export interface Upgrade {
  release: string;
  /** Folder in `workspace`. */
  chart: string;
  workspace: string;
  /** YAML. */
  values: string;
  /** `60s`. */
  timeout: string;
  /** Besides, for Slipway alone. */
  inputs?: Readonly<Record<string, string>>;
}

/** How it ended. */
export interface Ended {
  ok: boolean;
  wallMs: number;
  output: string;
  /** What it claims of a rollback; undefined when it made none. */
  claims: 'proven' | 'not-proven' | undefined;
}

/** The upgrade by `helm upgrade --install --atomic --wait` (Helm 4 takes the flag under its old name). */
export async function plainHelm(
  fixture: HelmFixture,
  major: Major,
  upgrade: Upgrade,
): Promise<Ended> {
  const { release, chart, workspace, values, timeout } = upgrade;
  const args = ['upgrade', '--install', release, path.join(workspace, chart)];
  args.push('-n', fixture.namespace, '--reset-values', '--values', '-');
  args.push('--atomic', '--wait', '--timeout', timeout);
  const env = { ...process.env, KUBECONFIG: fixture.lab.kubeconfig };
  const started = performance.now();
  const running = execute(fixture.lab.helm[major], args, { env });
  running.child.stdin?.end(`image: ${fixture.image}\n${values}`);
  const done = await running.then(
    ({ stdout, stderr }) => ({ ok: true, output: stdout + stderr }),
    (error: unknown) => {
      const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
      return { ok: false, output: stdout + stderr };
    },
  );
  const isBack = /has been (rolled back|uninstalled) due to/.test(done.output);
  const claims = isBack ? 'proven' : undefined;
  return { ...done, wallMs: performance.now() - started, claims };
}

/** The same by Slipway, post included. */
export async function slipway(fixture: HelmFixture, upgrade: Upgrade): Promise<Ended> {
  const { release, chart, workspace, values, timeout, inputs } = upgrade;
  const wanted = {
    release,
    chart,
    values: `image: ${fixture.image}\n${values}`,
    timeout,
    ...inputs,
  };
  const { main } = await fixture.step({ set: '', ...wanted }, { workspace });
  const proof = main.outputs['proof'];
  return {
    ok: main.exitCode === 0,
    wallMs: main.durationMs,
    output: `${main.outputs['reason'] ?? ''}\n${main.visible}`,
    claims: proof === 'proven' || proof === 'not-proven' ? proof : undefined,
  };
}
