import {
  openVerifyFixture,
  type ApiValues,
  type VerifyFixture,
} from '../../test/rollout/verify/verify-fixture.ts';
import {
  deletion,
  drain,
  drainOfTwo,
  nodeLoss,
  scaleTo,
  type Disturbance,
} from './live-disturbances.ts';

/** A release whose health is known, because we made it sick or did not. */
interface Release {
  name: string;
  values: ApiValues;
  /** What a verifier should say. `unproven`: neither healthy nor unhealthy can be shown. */
  truth: 'good' | 'bad' | 'unproven';
  /** What happens to its pods once its soak has begun. */
  meanwhile?: Disturbance;
}

const three = { replicaCount: 3 };

const releases: readonly Release[] = [
  { name: 'healthy', values: {}, truth: 'good' },
  { name: 'a pod is drained', values: three, truth: 'good', meanwhile: drain },
  { name: 'two pods of three are drained', values: three, truth: 'good', meanwhile: drainOfTwo },
  { name: 'a pod is gone as with its node', values: three, truth: 'good', meanwhile: nodeLoss },
  { name: 'a pod is deleted', values: three, truth: 'good', meanwhile: deletion },
  { name: 'scaled in to two of three', values: three, truth: 'good', meanwhile: scaleTo(2) },
  { name: 'scaled out to four of three', values: three, truth: 'good', meanwhile: scaleTo(4) },
  {
    name: 'crash after 30 s, a pod is drained',
    values: { ...three, faults: { exitAfter: '30s' } },
    truth: 'bad',
    meanwhile: drain,
  },
  { name: '20 % errors', values: { faults: { errorShare: '0.2' } }, truth: 'bad' },
  { name: 'crash after 20 s', values: { faults: { exitAfter: '20s' } }, truth: 'bad' },
  { name: 'flapping readiness', values: { faults: { readyFlap: '5s' } }, truth: 'bad' },
  { name: 'leak until killed', values: { faults: { leak: '2MiB/s' } }, truth: 'bad' },
  { name: 'never ready', values: { faults: { neverReady: 'true' } }, truth: 'bad' },
  { name: 'image missing', values: { tag: 'missing' }, truth: 'bad' },
  { name: 'metrics closed', values: { faults: { metricsClosed: 'true' } }, truth: 'unproven' },
  {
    name: 'an unusual label, all fail',
    values: { faults: { wrongLabel: 'true', errorShare: '1' } },
    truth: 'bad',
  },
  { name: 'no traffic', values: { selfTraffic: '0/s' }, truth: 'unproven' },
];

type Said = 'good' | 'bad' | 'unproven';

/** What one verifier said of one release. */
interface Sample {
  release: string;
  truth: Release['truth'];
  verifier: string;
  said: Said;
  seconds: number;
  detail: string;
}

/** `unproven` of what cannot be shown is right; so is `bad` of a bad release, `good` of a good one. */
const isRight = (sample: Sample): boolean => sample.said === sample.truth;

const budgetSeconds = 90;
/** Releases that are verified at the same time. */
const atOnce = 2;

async function timed(work: () => Promise<{ said: Said; detail: string }>) {
  const began = performance.now();
  const { said, detail } = await work();
  return { said, detail, seconds: Math.round((performance.now() - began) / 100) / 10 };
}

/** `onSoak` is called once verify-health says that its soak goes on. */
type Verifier = (
  fixture: VerifyFixture,
  onSoak: () => void,
) => Promise<{ said: Said; detail: string }>;

const saidBy: Readonly<Record<string, Said>> = { healthy: 'good', unhealthy: 'bad' };

const verifiers: Readonly<Record<string, Verifier>> = {
  'verify-health': async (fixture, onSoak) => {
    const { outputs, stdout, stderr } = await fixture.verify(
      { 'min-soak': '30s', deadline: `${budgetSeconds}s` },
      { onOutput: (piece) => /soak \d/.test(piece) && onSoak() },
    );
    const verdict = outputs['verdict'];
    if (verdict === undefined) throw new Error(`verify-health gave no verdict: ${stdout}${stderr}`);
    const said = saidBy[verdict] ?? 'unproven';
    return { said, detail: `${verdict}: ${outputs['cause'] ?? ''}`.slice(0, 200) };
  },
  'kubectl rollout status': async (fixture) => {
    try {
      await fixture.kubectl('rollout', 'status', 'deployment/api', `--timeout=${budgetSeconds}s`);
      return { said: 'good', detail: 'exit code 0' };
    } catch (error) {
      return {
        said: 'bad',
        detail: String((error as { stderr?: string }).stderr ?? error).slice(0, 200),
      };
    }
  },
  // What pipelines do by hand: wait a minute, then ask the service once. A port-forward stands in for
  // the public address; both ask whichever pod answers.
  'sleep 60; curl': async (fixture) => {
    await new Promise((resolve) => setTimeout(resolve, 60_000));
    const pod = (
      await fixture.kubectl('get', 'pods', '-l', 'app.kubernetes.io/name=api', '-o', 'name')
    )
      .trim()
      .split('\n')[0];
    const get = `/api/v1/namespaces/${fixture.namespace}/pods/${(pod ?? '').replace('pod/', '')}:8080/proxy/healthz`;
    try {
      await fixture.kubectl('get', '--raw', get);
      return { said: 'good', detail: 'status 200' };
    } catch (error) {
      return {
        said: 'bad',
        detail: String((error as { stderr?: string }).stderr ?? error).slice(0, 200),
      };
    }
  },
};

async function measure(release: Release): Promise<Sample[]> {
  const fixture = await openVerifyFixture(
    `bench-${release.name.replace(/[^a-z0-9]+/gi, '-').toLowerCase()}`,
  );
  try {
    await fixture.release({ replicaCount: 1, ...release.values });
    const soak = Promise.withResolvers<undefined>();
    const disturbed = soak.promise.then(() => release.meanwhile?.(fixture));
    const samples = await Promise.all(
      Object.entries(verifiers).map(async ([verifier, ask]) => ({
        release: release.name,
        truth: release.truth,
        verifier,
        ...(await timed(() => ask(fixture, () => soak.resolve(undefined)))),
      })),
    );
    // What did not come about was not verified either.
    if (release.meanwhile !== undefined) soak.reject(new Error(`${release.name}: no soak began.`));
    if (release.meanwhile !== undefined) await disturbed;
    return samples;
  } finally {
    await fixture.close();
  }
}

/** Side by side in one run: three ways to verify the same releases, at the same time. Needs the lab. */
export async function verifyLiveReleases(): Promise<object> {
  const samples: Sample[] = [];
  const waiting = [...releases];
  const worker = async (): Promise<void> => {
    for (let release = waiting.shift(); release !== undefined; release = waiting.shift()) {
      const measured = await measure(release);
      samples.push(...measured);
      for (const sample of measured) {
        const { verifier, said, seconds } = sample;
        const judged = isRight(sample) ? 'right' : 'WRONG';
        console.log([release.name, verifier, said, `${seconds} s`, judged].join(' | '));
      }
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  const summary = Object.keys(verifiers).map((verifier) => {
    const own = samples.filter((sample) => sample.verifier === verifier);
    return {
      verifier,
      right: own.filter(isRight).length,
      of: own.length,
      unsafePasses: own.filter(({ truth, said }) => truth !== 'good' && said === 'good').length,
      falseAlarms: own.filter(({ truth, said }) => truth !== 'bad' && said === 'bad').length,
    };
  });
  console.table(summary);
  return { atOnce, budgetSeconds, summary, samples };
}
