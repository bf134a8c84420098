import { createHash } from 'node:crypto';
import { afterEach, describe, expect, test } from '@jest/globals';
import {
  maxCertificateBytes,
  replay,
  statementText,
  type HealthPredicate,
  type HealthStatement,
} from '../src/index.ts';
import { servingRelease } from './watched-release.ts';

const jobs: AbortController[] = [];
afterEach(() => {
  for (const job of jobs.splice(0)) job.abort();
});

/** A verification of a deployment with ready pods on a cluster whose controllers the test plays. */
function start(replicas = 2) {
  const release = servingRelease(replicas);
  jobs.push(release.job);
  return { ...release, result: () => release.ended.result, cut: () => release.ended.cut };
}

/** The predicate with the digest of what it now says, as a forger would write it. */
function resealed({ digest: _, ...content }: HealthPredicate): HealthPredicate {
  const text = statementText(content as HealthPredicate).trimEnd();
  return { ...content, digest: { sha256: createHash('sha256').update(text).digest('hex') } };
}

/** What a later job reads from the file. */
function readBack(certificate: HealthStatement | undefined): HealthStatement {
  if (certificate === undefined) throw new Error('There is no certificate.');
  return JSON.parse(statementText(certificate)) as HealthStatement;
}

describe('the certificate of a verification', () => {
  type Played = ReturnType<typeof start>;
  test.each<[verdict: string, of: string, play: (played: Played) => Promise<unknown>]>([
    ['healthy', 'a good release', ({ pass }) => pass(32)],
    [
      'healthy',
      'a release whose pod is drained meanwhile',
      async ({ pass, putPod, putDeployment, removePod }) => {
        await pass(10);
        putPod({ uid: '2', ready: true, deleted: true });
        putDeployment(2, 1);
        await pass(2);
        removePod('2');
        putPod({ uid: '3', ready: false });
        await pass(3);
        putPod({ uid: '3', ready: true });
        putDeployment(2, 2);
        await pass(40);
      },
    ],
    [
      'unhealthy',
      'a release with a crash',
      async ({ pass, putPod }) => {
        await pass(10);
        putPod({ uid: '1', restarts: 1, ended: { reason: 'Error', exitCode: 3 } });
        await pass(2);
      },
    ],
    [
      'unhealthy',
      'a release that is never ready',
      async ({ pass, putPod, putDeployment }) => {
        putDeployment(2, 0);
        putPod({ uid: '1', ready: false });
        await pass(121);
      },
    ],
    [
      'cannot-observe',
      'a workload that is taken away',
      async ({ pass, server }) => {
        await pass(5);
        server.fault({ verb: 'get', path: /deployments/ }, { kind: 'forbidden' }, 1_000);
        await pass(120);
      },
    ],
  ])('says %s of %s, and so does its replay', async (verdict, _, play) => {
    const played = start();
    played.begin();
    await play(played);
    const result = played.result();
    const { predicate } = readBack(result?.certificate);
    expect(predicate.verdict).toBe(verdict);
    expect(replay(predicate)).toEqual({ kind: 'same', verdict, cause: result?.cause });
  });

  test('leads a replay elsewhere when the evidence says another thing', async () => {
    const { begin, pass, putPod, result } = start();
    begin();
    await pass(10);
    putPod({ uid: '1', restarts: 1, ended: { reason: 'Error', exitCode: 3 } });
    await pass(2);
    const { predicate } = readBack(result()?.certificate);
    const before = { ...predicate.time, judgedMs: predicate.time.beganMs + 9_000 };
    const evidence = predicate.evidence.map((one) => ({
      ...one,
      evidence: JSON.parse(
        JSON.stringify(one.evidence).replaceAll('"restartCount":1', '"restartCount":0'),
      ) as never,
    }));
    const forged = resealed({ ...predicate, time: before, evidence });
    expect(replay(forged)).toMatchObject({ kind: 'other', certified: 'unhealthy' });
  });

  test('of ever so many changes stays small, and its replay says the same', async () => {
    const { begin, pass, putPod, result } = start(20);
    begin();
    for (let second = 0; second < 25; second += 1) {
      for (let uid = 1; uid <= 20; uid += 1)
        putPod({
          uid: String(uid),
          ready: true,
          conditions: [{ type: `Told${second}`, status: 'True' }],
        });
      await pass(1);
    }
    await pass(10);
    const { certificate, cause } = result() ?? {};
    expect(Buffer.byteLength(statementText(readBack(certificate)))).toBeLessThan(
      maxCertificateBytes,
    );
    const { predicate } = readBack(certificate);
    expect(predicate.leftOut).toEqual([
      { from: 'rollout', elements: expect.any(Number), needed: false },
    ]);
    expect(replay(predicate)).toEqual({ kind: 'same', verdict: 'healthy', cause });
  });

  test('of a job that is cancelled tells what was seen until then', async () => {
    const { begin, pass, job, cut } = start();
    begin();
    await pass(5);
    job.abort(new Error('the job was cancelled'));
    await expect(pass(1)).rejects.toThrow('the job was cancelled');
    const { predicate } = readBack(cut());
    expect(predicate).toMatchObject({ verdict: 'cut-off', findings: [{ check: 'rollout' }, {}] });
    expect(replay(predicate)).toMatchObject({ kind: 'same', verdict: 'cut-off' });
  });
});
