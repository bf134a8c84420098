import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import {
  boundJson,
  bytesOf,
  healthStatement,
  imageSubjects,
  plainJson,
  redactedJson,
  statementText,
} from '../src/certificate/index.ts';
import { maxCertificateBytes, replay, type HealthStatement } from '../src/index.ts';

const sha = (text: string): string => createHash('sha256').update(text).digest('hex');

type Parts = Parameters<typeof healthStatement>[0];

function statement(more: Partial<Parts> = {}): HealthStatement {
  return healthStatement({
    subjects: [],
    request: {
      workload: { kind: 'deployment', namespace: 'shop', name: 'api' },
      images: [],
      minSoakMs: 30_000,
      deadlineMs: 60_000,
      probes: 'auto',
      assertions: [],
    },
    time: { beganMs: 0, judgedMs: 40_000 },
    evidence: [],
    verdict: 'healthy',
    cause: 'All of rollout held for 30s.',
    findings: [],
    ...more,
  });
}

/** A scrape as a check might keep it. */
const sample = (atMs: number) => ({ pod: `api-${atMs % 50}`, atMs, total: atMs * 3, bad: 0 });

describe('a certificate', () => {
  test('is the same text however its parts were put together', () => {
    const evidence = { b: 1, a: { d: [1, 2], c: 'x' } };
    const turned = { a: { c: 'x', d: [1, 2] }, b: 1 };
    const [one, other] = [evidence, turned].map((value) =>
      statementText(statement({ evidence: [{ check: 'probes', evidence: value }] })),
    );
    expect(one).toBe(other);
    expect(one).toMatch(/^\{"_type":"https:\/\/in-toto\.io\/Statement\/v1","predicate":\{"cause":/);
  });

  test('carries the digest of its canonical content', () => {
    const { predicate } = statement();
    const { digest, ...content } = predicate;
    expect(digest.sha256).toBe(sha(statementText(content as typeof predicate).trimEnd()));
  });

  test('keeps hostile text as data, half characters too', () => {
    const hostile = '::error::\n\u2028"}], "x": \ud800 </pre>';
    const text = statementText(statement({ cause: hostile }));
    expect(text.trimEnd().split('\n')).toHaveLength(1);
    expect((JSON.parse(text) as HealthStatement).predicate.cause).toBe(
      hostile.replace('\ud800', '\ufffd'),
    );
  });

  test.each([
    ['samples', { samples: Array.from({ length: 20_000 }, (_, atMs) => sample(atMs)) }],
    [
      'samples of many pods',
      {
        pods: Array.from({ length: 50 }, (_, pod) => ({
          name: `api-${pod}`,
          samples: Array.from({ length: 400 }, (__, atMs) => sample(atMs)),
        })),
      },
    ],
    ['one text', { text: 'x'.repeat(3_000_000) }],
    ['thousands of pods', { pods: Array.from({ length: 30_000 }, (_, pod) => [`api-${pod}`, 1]) }],
  ])('stays under 200 kB with ever so many %s, and says what is left out', (_, evidence) => {
    const made = statement({
      evidence: [
        { check: 'metrics', evidence },
        { check: 'probes', evidence: { small: [1, 2, 3] } },
      ],
    });
    expect(Buffer.byteLength(statementText(made))).toBeLessThan(maxCertificateBytes);
    const { leftOut, evidence: kept } = made.predicate;
    expect(leftOut).toEqual([{ from: 'metrics', elements: expect.any(Number), needed: true }]);
    expect(kept[1]).toEqual({ check: 'probes', evidence: { small: [1, 2, 3] } });
  });

  test('bounds findings, assertions and subjects as well', () => {
    const many = Array.from({ length: 3_000 }, (_, at) => at);
    const name = (at: number): string => `ghcr.io/acme/${'n'.repeat(200)}${at}`;
    const made = statement({
      subjects: many.map((at) => ({ name: name(at), digest: { sha256: sha(String(at)) } })),
      findings: many.map((at) => ({ check: `c${at}`, state: 'good', detail: 'ä'.repeat(5_000) })),
      request: {
        ...statement().predicate.request,
        images: many.map(name),
        probes: many.map((at) => `/${'p'.repeat(500)}${at}`),
        assertions: many.map((at) => ({ name: `a${at}`, query: 'up' })),
      },
      evidence: [{ check: 'metrics', evidence: many.map(sample) }],
    });
    expect(Buffer.byteLength(statementText(made))).toBeLessThan(maxCertificateBytes);
    expect(made.predicate.leftOut.map(({ from }) => from)).toEqual([
      'metrics',
      'assertions',
      'findings',
      'subjects',
    ]);
  });

  test('loses its oldest samples first', () => {
    const samples = Array.from({ length: 1_000 }, (_, atMs) => sample(atMs));
    const { value, dropped } = boundJson(plainJson({ samples }), 10_000);
    const kept = (value as unknown as { samples: typeof samples }).samples;
    expect(kept).toEqual(samples.slice(dropped));
    expect(bytesOf(value)).toBeGreaterThan(5_000);
  });
});

describe('the subjects of a certificate', () => {
  const digest = sha('image');
  const pod = (image: string, imageID: string) => ({
    spec: {
      containers: [
        { name: 'main', image },
        { name: 'istio-proxy', image: 'docker.io/istio/proxyv2:1.30' },
      ],
    },
    status: {
      containerStatuses: [
        { name: 'main', image, imageID, ready: true, restartCount: 0 },
        {
          name: 'istio-proxy',
          image: '',
          imageID: `docker.io/istio/proxyv2@sha256:${sha('mesh')}`,
          ready: true,
          restartCount: 0,
        },
      ],
    },
  });

  test.each([
    ['a tag', 'ghcr.io/acme/api:1.2', `ghcr.io/acme/api@sha256:${digest}`, 'ghcr.io/acme/api'],
    ['a port', 'localhost:5000/api', `localhost:5000/api@sha256:${digest}`, 'localhost:5000/api'],
    [
      "Docker's prefix",
      'ghcr.io/acme/api:1.2',
      `docker-pullable://ghcr.io/acme/api@sha256:${digest}`,
      'ghcr.io/acme/api',
    ],
    [
      'the digest that was released, of an index',
      `ghcr.io/acme/api:1.2@sha256:${digest}`,
      `ghcr.io/acme/api@sha256:${sha('platform')}`,
      'ghcr.io/acme/api',
    ],
  ])('name an image with %s by its repository and digest, once', (_, image, imageID, name) => {
    const pods = [pod(image, imageID), pod(image, imageID)];
    expect(imageSubjects(pods, ['main'])).toEqual([{ name, digest: { sha256: digest } }]);
  });

  test('leave out an image of which only the runtime has a digest', () => {
    expect(imageSubjects([pod('api:1', `sha256:${digest}`)], ['main'])).toEqual([]);
  });

  test('leave out names that no registry serves', () => {
    const image = `a b\n::error::@sha256:${digest}`;
    expect(imageSubjects([pod(image, '')], ['main'])).toEqual([]);
  });
});

describe('a certificate without secrets', () => {
  const redact = (text: string): string => text.replaceAll('s3cr3t', '***');

  test('has none in texts and in keys that are data, and is else the same', () => {
    const evidence = {
      kind: 'share',
      labels: { 'path-s3cr3t': 'a s3cr3t b' },
      units: [[1, 's3cr3t']],
    };
    expect(redactedJson(evidence, redact)).toEqual({
      kind: 'share',
      labels: { 'path-***': 'a *** b' },
      units: [[1, '***']],
    });
  });

  test('keeps the words that programs read, whatever a secret is', () => {
    const blind = (text: string): string => text.replaceAll('deployment', '***');
    const value = { kind: 'deployment', name: 'the deployment of acme' };
    expect(redactedJson(value, blind)).toEqual({ kind: 'deployment', name: 'the *** of acme' });
  });
});

describe('a replay', () => {
  test('refuses a certificate that was altered', () => {
    const { predicate } = statement();
    expect(replay({ ...predicate, verdict: 'unhealthy' })).toEqual({
      kind: 'unreplayable',
      why: 'the certificate was altered: its digest is another',
    });
  });

  test('names the check of which it cannot judge the evidence', () => {
    const { predicate } = statement({ evidence: [{ check: 'stars', evidence: {} }] });
    expect(replay(predicate)).toMatchObject({ why: expect.stringContaining('stars') });
  });

  test('says that evidence was left out, instead of judging without it', () => {
    const evidence = { ref: {}, recording: Array.from({ length: 9_000 }, () => 'x'.repeat(90)) };
    const { predicate } = statement({ evidence: [{ check: 'rollout', evidence }] });
    expect(replay(predicate)).toMatchObject({ why: expect.stringContaining('left out') });
  });

  test('is none of evidence that has another form', () => {
    const { predicate } = statement({ evidence: [{ check: 'rollout', evidence: null }] });
    expect(replay(predicate).kind).toBe('unreplayable');
  });
});
