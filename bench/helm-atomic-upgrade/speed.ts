import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { loadKubeConfig, type KubeTarget } from '@slipway/kube';
import { openHelmFixture, type HelmFixture } from '../../test/rollout/helm-fixture.ts';
import { root } from '../../tools/manifest.ts';
import { openCountingServer } from '../../test/rollout/helm/counting-server.ts';
import { openDistance } from './distant-server.ts';

const execute = promisify(execFile);
const chart = path.join(root, 'test', 'fixtures', 'charts', 'web');
const majors = ['v3', 'v4'] as const;
const roundTripsMs = [0, 20, 100];
const arms = ['plain', 'slipway'] as const;
const scenarios = ['no-op', 'upgrade'] as const;

interface Sample {
  major: string;
  roundTripMs: number;
  scenario: (typeof scenarios)[number];
  arm: (typeof arms)[number];
  wallMs: number;
  load: number;
}

interface Counted {
  major: string;
  scenario: (typeof scenarios)[number];
  arm: (typeof arms)[number];
  requests: readonly string[];
}

/** The kubeconfig of `target` with its server elsewhere. */
function kubeconfigAt(target: KubeTarget, server: string): string {
  const base64 = (text: unknown): string => Buffer.from(String(text)).toString('base64');
  const { ca, cert, key } = target.tls;
  const cluster = {
    server,
    'certificate-authority-data': base64(ca),
    'tls-server-name': new URL(target.server).hostname,
  };
  const user = { 'client-certificate-data': base64(cert), 'client-key-data': base64(key) };
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'lab',
    clusters: [{ name: 'lab', cluster }],
    users: [{ name: 'admin', user }],
    contexts: [{ name: 'lab', context: { cluster: 'lab', user: 'admin' } }],
  });
}

/** One place that upgrades the releases `plain` and `slipway` through one address. */
interface Bench {
  fixture: HelmFixture;
  major: (typeof majors)[number];
  kubeconfig: string;
  /** What the releases said last. */
  messages: Map<string, string>;
}

async function upgradePlain(bench: Bench, message: string, file: string): Promise<number> {
  const { fixture, major } = bench;
  writeFileSync(file, bench.kubeconfig, { mode: 0o600 });
  const args = ['upgrade', '--install', 'plain', chart, '-n', fixture.namespace, '--reset-values'];
  args.push('--set', `image=${fixture.image}`, '--set', `message=${message}`);
  args.push('--atomic', '--wait', '--timeout', '60s');
  // As on a fresh runner, which the other arm has each time: Helm keeps what the server publishes below HOME.
  const home = mkdtempSync(path.join(tmpdir(), 'helm-home-'));
  const env = { ...process.env, KUBECONFIG: file, HOME: home };
  const started = performance.now();
  await execute(fixture.lab.helm[major], args, { env });
  const wallMs = performance.now() - started;
  rmSync(home, { recursive: true, force: true });
  return wallMs;
}

async function upgradeOurs(bench: Bench, message: string): Promise<number> {
  const { fixture, kubeconfig } = bench;
  const set = `message=${message}`;
  const { main } = await fixture.step({ release: 'slipway', timeout: '60s', set, kubeconfig });
  if (main.exitCode !== 0) throw new Error(main.stdout);
  return main.durationMs;
}

async function once(
  bench: Bench,
  arm: (typeof arms)[number],
  scenario: (typeof scenarios)[number],
  folder: string,
): Promise<number> {
  const { messages } = bench;
  const last = messages.get(arm) ?? '';
  const message = scenario === 'no-op' ? last : `message-${performance.now()}`;
  messages.set(arm, message);
  return arm === 'plain'
    ? await upgradePlain(bench, message, path.join(folder, 'kubeconfig'))
    : await upgradeOurs(bench, message);
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [low = 0, high = 0] = [sorted[(sorted.length - 1) >> 1], sorted[middle]];
  return Math.round((low + high) / 2);
}

function tableOf(samples: readonly Sample[], counted: readonly Counted[]) {
  return majors.flatMap((major) =>
    roundTripsMs.flatMap((roundTripMs) =>
      scenarios.map((scenario) => {
        const here = samples.filter(
          (one) =>
            one.major === major && one.roundTripMs === roundTripMs && one.scenario === scenario,
        );
        const of = (arm: string): number =>
          median(here.filter((one) => one.arm === arm).map(({ wallMs }) => wallMs));
        const asked = (arm: string): number | undefined =>
          counted.find((one) => one.major === major && one.scenario === scenario && one.arm === arm)
            ?.requests.length;
        const [plainMs, slipwayMs] = [of('plain'), of('slipway')];
        return {
          major,
          scenario,
          roundTripMs,
          plainMs,
          slipwayMs,
          ratio: Math.round((slipwayMs / plainMs) * 100) / 100,
          plainRequests: asked('plain'),
          slipwayRequests: asked('slipway'),
          of: here.length / arms.length,
        };
      }),
    ),
  );
}

/**
 * What a no-op and an upgrade of one ConfigMap cost beside plain Helm, at three distances from the API
 * server, in turns; and the requests of each, counted apart from the clock. `rounds` of each; with
 * `list` every request is printed. Writes bench/results/helm-speed.json.
 */
export async function runSpeed(rounds: number, list: boolean): Promise<void> {
  const samples: Sample[] = [];
  const counted: Counted[] = [];
  const folder = mkdtempSync(path.join(tmpdir(), 'helm-speed-'));
  for (const major of majors) {
    const fixture = await openHelmFixture('speed', major);
    const target = await loadKubeConfig({ path: fixture.lab.kubeconfig, env: {} });
    const { hostname, port } = new URL(target.server);
    const messages = new Map<string, string>();
    const counting = await openCountingServer(target);
    try {
      const bench = { fixture, major, kubeconfig: counting.kubeconfig, messages };
      for (const arm of arms) await once(bench, arm, 'upgrade', folder);
      for (const scenario of ['upgrade', 'no-op'] as const)
        for (const arm of arms) {
          counting.forget();
          await once(bench, arm, scenario, folder);
          const requests = [...counting.requests];
          counted.push({ major, scenario, arm, requests });
          console.log(`${arm} ${major}, ${scenario}: ${requests.length} requests`);
          if (list) console.log(requests.map((request) => `  ${request}`).join('\n'));
        }
      for (const roundTripMs of rounds === 0 ? [] : roundTripsMs) {
        const distance = await openDistance({ host: hostname, port: Number(port) }, roundTripMs);
        const kubeconfig = kubeconfigAt(target, `https://127.0.0.1:${distance.port}`);
        for (let round = 0; round < rounds; round += 1)
          for (const scenario of ['upgrade', 'no-op'] as const)
            for (const arm of round % 2 === 0 ? arms : arms.toReversed()) {
              const wallMs = await once({ ...bench, kubeconfig }, arm, scenario, folder);
              const load = Math.round((loadavg()[0] ?? 0) * 10) / 10;
              const shared = { major, roundTripMs, scenario, arm, load };
              samples.push({ ...shared, wallMs: Math.round(wallMs) });
            }
        await distance.close();
      }
    } finally {
      await counting.close();
      await fixture.close();
    }
  }
  rmSync(folder, { recursive: true, force: true });
  const table = tableOf(samples, counted);
  console.table(table);
  const results = path.join(root, 'bench', 'results');
  mkdirSync(results, { recursive: true });
  const written = { rounds, cpus: availableParallelism(), table, samples, counted };
  writeFileSync(path.join(results, 'helm-speed.json'), `${JSON.stringify(written, null, 2)}\n`);
}
