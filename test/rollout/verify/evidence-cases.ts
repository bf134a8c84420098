import { expect } from '@jest/globals';
import { nobody, one, verdictOf, type ReleaseCase } from './release-case.ts';

/** What becomes of a release by what Prometheus and its probes can tell of it. */
export const evidenceCases: Readonly<Record<string, ReleaseCase>> = {
  metricsClosed: {
    name: 'whose metrics cannot be scraped is not observed, and does not pass',
    run: async (fixture) => {
      await fixture.release({ ...one, faults: { metricsClosed: 'true' } });
      return await fixture.verify();
    },
    check: (result) => {
      expect(verdictOf(result)).toBe('cannot-observe');
      expect(result.outputs['cause']).toMatch(/^up: Prometheus cannot scrape .*refused/);
      expect(result.outputs['rollback-needed']).toBe('false');
      expect(result.exitCode).toBe(1);
    },
  },
  otherLabel: {
    name: 'whose counter has another label than usual is judged by it all the same',
    run: async (fixture) => {
      await fixture.release({ ...one, faults: { wrongLabel: 'true', errorShare: '1' } });
      return await fixture.verify();
    },
    check: (result) => {
      expect(verdictOf(result)).toBe('unhealthy');
      expect(result.outputs['cause']).toMatch(/^error share: /);
      expect(result.stdout).toContain('code in status');
    },
  },
  wrongLabel: {
    name: 'whose counter has not the label that is named gives not enough evidence, with the labels named',
    run: async (fixture) => {
      await fixture.release({ ...one, faults: { wrongLabel: 'true', errorShare: '1' } });
      return await fixture.verify({ 'code-label': 'code' });
    },
    check: (result) => {
      expect(verdictOf(result)).toBe('not-enough-evidence');
      expect(result.outputs['cause']).toMatch(/no label "code", only .*status/);
    },
  },
  noTraffic: {
    name: 'without traffic gives not enough evidence',
    run: async (fixture) => {
      await fixture.release({ ...one, selfTraffic: '0/s' });
      return await fixture.verify({ probes: 'none', deadline: '25s' });
    },
    check: (result) => {
      expect(verdictOf(result)).toBe('not-enough-evidence');
      expect(result.outputs['cause']).toMatch(/^error share: /);
    },
  },
  prometheusDown: {
    name: 'is not observed while Prometheus is down',
    run: async (fixture) => {
      await fixture.release(one);
      return await fixture.verify({ 'prometheus-url': `http://${nobody}` });
    },
    check: (result) => {
      expect(verdictOf(result)).toBe('cannot-observe');
      expect(result.outputs['cause']).toContain(`up: Prometheus ${nobody} could not be reached`);
    },
  },
  wrongPath: {
    name: 'is not blamed for a probe path that does not exist',
    run: async (fixture) => {
      await fixture.release(one);
      return await fixture.verify({ probes: '/helathz' });
    },
    check: (result) => {
      expect(verdictOf(result)).toBe('cannot-observe');
      expect(result.outputs['cause']).toContain('status 404');
    },
  },
  assertions: {
    name: 'is judged by the user’s own assertions too',
    run: async (fixture) => {
      await fixture.release({ ...one, faults: { latency: '300ms' } });
      const mean = ['sum', 'count'].map(
        (part) => `sum(rate(http_request_duration_seconds_${part}{$scope}[$window]))`,
      );
      const assertions = `- { name: mean latency, query: '${mean.join(' / ')}', must: '< 0.2' }`;
      return await fixture.verify({ assertions, 'min-soak': '30s' });
    },
    check: (result) => {
      expect(verdictOf(result)).toBe('unhealthy');
      expect(result.outputs['cause']).toMatch(/^mean latency: 0\.3.* must be < 0\.2/);
    },
  },
};
