import { describe, expect, it } from '@jest/globals';
import { runnerLog } from './runner-log.ts';

const line = (job: string, more: Readonly<Record<string, unknown>>): string =>
  JSON.stringify({
    job: `release/Go release/${job}`,
    jobID: 'deploy',
    matrix: { service: job },
    ...more,
  });
const step = { step: 'OWNER/slipway/actions/verify-health@v1', stepID: ['1'], stage: 'Main' };

describe('the log of a local run', () => {
  it('tells steps with their outputs, summaries and what they printed', () => {
    const log = runnerLog();
    expect(log.add(line('api', { ...step, raw_output: true, msg: 'probing\n' }))).toBe('probing');
    log.add(line('api', { ...step, command: 'set-output', name: 'verdict', arg: 'healthy' }));
    log.add(line('api', { ...step, command: 'summary', content: '### done\n' }));
    log.add(line('api', { ...step, stepResult: 'success', executionTime: 2_500_000_000 }));
    log.add(line('api', { jobResult: 'success' }));
    expect(log.jobs).toMatchObject([
      {
        name: 'api',
        matrix: { service: 'api' },
        result: 'success',
        steps: [
          {
            outputs: { verdict: 'healthy' },
            summary: '### done\n',
            durationMs: 2_500,
            lines: ['probing'],
          },
        ],
      },
    ]);
  });

  it('does not blame one leg of a matrix for the failure of another', () => {
    const log = runnerLog();
    log.add(line('api', { ...step, stepResult: 'failure' }));
    log.add(line('api', { jobResult: 'failure' }));
    log.add(line('worker', { ...step, stepResult: 'success' }));
    log.add(line('worker', { jobResult: 'failure' }));
    expect(log.jobs.map(({ result }) => result)).toEqual(['failure', 'success']);
  });

  it('takes a job for failed that could not begin its steps', () => {
    const log = runnerLog();
    log.add(line('api', { ...step, stage: 'Pre', msg: 'failed to read action.yml' }));
    log.add(line('api', { jobResult: 'failure' }));
    expect(log.jobs.map(({ result }) => result)).toEqual(['failure']);
  });

  it('hands back lines that are not of a job', () => {
    expect(runnerLog().add('Error: no such workflow')).toBe('Error: no such workflow');
    expect(runnerLog().add('{broken')).toBe('{broken');
  });
});
