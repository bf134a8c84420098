import { expect } from '@jest/globals';
import { one, verdictOf, type ReleaseCase } from './release-case.ts';

/** What becomes of a release by how it behaves. */
export const behaviourCases: Readonly<Record<string, ReleaseCase>> = {
  healthy: {
    name: 'that serves is healthy, with what it rests on',
    run: async (fixture) => {
      await fixture.release();
      return await fixture.verify();
    },
    check: (result) => {
      expect(result.outputs).toMatchObject({
        verdict: 'healthy',
        'rollback-needed': 'false',
        'rolled-back': 'false',
      });
      expect(result.exitCode).toBe(0);
      expect(result.summary).toContain('| error share | holds: 0 of ');
    },
  },
  errors: {
    name: 'that fails 20 % of its requests is unhealthy and rolled back, and the old pods serve',
    run: async (fixture) => {
      await fixture.release();
      await fixture.rolledOut();
      await fixture.release({ faults: { errorShare: '0.2' } });
      return await fixture.verify({ 'on-unhealthy': 'rollback', 'min-soak': '50s' });
    },
    check: async (result, fixture) => {
      expect(result.outputs).toMatchObject({
        verdict: 'unhealthy',
        'rollback-needed': 'false',
        'rolled-back': 'true',
      });
      expect(result.outputs['cause']).toMatch(/^error share: \d+ of \d+ requests, [12]\d\.\d %/);
      expect(result.exitCode).toBe(1);
      expect(await fixture.helm('history', 'api', '-o', 'json')).toContain('"Rollback to 1"');
      await fixture.rolledOut();
      const env = await fixture.kubectl('get', 'deployment', 'api', '-o', 'jsonpath={..env}');
      expect(env).not.toContain('FAULT_ERROR_SHARE');
    },
  },
  oldErrors: {
    name: 'is not blamed for the errors of the pods it replaces',
    run: async (fixture) => {
      await fixture.release({ ...one, faults: { errorShare: '1' } });
      await fixture.rolledOut();
      await fixture.release(one);
      return await fixture.verify();
    },
    check: (result) => {
      expect(verdictOf(result)).toBe('healthy');
    },
  },
  flapping: {
    name: 'whose readiness comes and goes is unhealthy',
    run: async (fixture) => {
      await fixture.release({ ...one, faults: { readyFlap: '5s' } });
      return await fixture.verify({ 'min-soak': '20s' });
    },
    check: (result) => {
      expect(verdictOf(result)).toBe('unhealthy');
      expect(result.outputs['cause']).toMatch(/stopped being ready|requests to pod\/.* failed/);
      expect(result.outputs['rollback-needed']).toBe('true');
    },
  },
  crash: {
    name: 'that crashes after 15 s is unhealthy, with its last words kept harmless',
    run: async (fixture) => {
      const lastWords = '::error::owned';
      await fixture.release({ ...one, faults: { exitAfter: '15s', lastWords } });
      return await fixture.verify({ 'min-soak': '30s' });
    },
    check: (result) => {
      expect(verdictOf(result)).toBe('unhealthy');
      expect(result.outputs['cause']).toMatch(/exit code 1/);
      expect(result.summary).toContain('owned');
      const commands = result.stdout.split('\n').filter((line) => line.startsWith('::error'));
      expect(commands).toHaveLength(1);
      expect(commands[0]).toMatch(/^::error title=api is unhealthy::/);
    },
  },
  oom: {
    name: 'that leaks until it is killed is unhealthy, with the limit named',
    run: async (fixture) => {
      await fixture.release({ ...one, faults: { leak: '6MiB/s' } });
      return await fixture.verify({ 'min-soak': '40s' });
    },
    check: (result) => {
      expect(verdictOf(result)).toBe('unhealthy');
      expect(result.outputs['cause']).toContain('OOMKilled');
    },
  },
  noImage: {
    name: 'whose image does not exist is unhealthy long before its deadline, in the registry’s words',
    run: async (fixture) => {
      await fixture.release({ ...one, tag: 'missing' });
      return await fixture.verify({ deadline: '150s' });
    },
    check: (result) => {
      expect(verdictOf(result)).toBe('unhealthy');
      expect(result.outputs['cause']).toMatch(/(ErrImagePull|ImagePullBackOff): .*not found/);
      expect(result.durationMs).toBeLessThan(150_000);
    },
  },
  neverReady: {
    name: 'that never becomes ready is unhealthy at the deadline, with the probe’s answer',
    run: async (fixture) => {
      await fixture.release({ ...one, faults: { neverReady: 'true' } });
      return await fixture.verify({ deadline: '20s' });
    },
    check: (result) => {
      expect(verdictOf(result)).toBe('unhealthy');
      expect(result.outputs['cause']).toContain('Readiness probe failed: HTTP probe failed with');
    },
  },
  superseded: {
    name: 'that another one replaces meanwhile is no longer judged, and nothing is rolled back',
    run: async (fixture) => {
      await fixture.release(one);
      await fixture.rolledOut();
      const soaking = Promise.withResolvers<undefined>();
      const verification = fixture.verify(
        { 'min-soak': '40s', 'on-unhealthy': 'rollback' },
        { onOutput: (piece) => piece.includes('soak') && soaking.resolve(undefined) },
      );
      await Promise.race([soaking.promise, verification]);
      await fixture.release({ ...one, faults: { errorShare: '1' } });
      return await verification;
    },
    check: (result) => {
      expect(verdictOf(result)).toBe('cannot-observe');
      expect(result.outputs['cause']).toContain('another revision');
      expect(result.outputs['rolled-back']).toBe('false');
    },
  },
  report: {
    name: 'that is unhealthy does not fail the job when it is only reported',
    run: async (fixture) => {
      await fixture.release({ ...one, tag: 'missing' });
      return await fixture.verify({ 'on-unhealthy': 'report' });
    },
    check: (result) => {
      expect(result.outputs).toMatchObject({ verdict: 'unhealthy', 'rollback-needed': 'true' });
      expect(result.exitCode).toBe(0);
    },
  },
};
