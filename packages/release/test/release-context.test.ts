import { describe, expect, it } from '@jest/globals';
import { releaseContext } from '../src/index.ts';

const plan = { kind: 'push', version: '1.0.0', environment: 'staging' } as const;
const commit = { sha: 'a'.repeat(40), commitTimeMs: 0 };
const run = {
  serverUrl: 'https://github.com',
  repository: 'acme/shop',
  sha: commit.sha,
  ref: 'refs/heads/main',
  eventName: 'push',
  runId: '77',
  runAttempt: '2',
  actor: 'octocat',
};

describe('the context of a release', () => {
  it('tells where it came from', () => {
    expect(releaseContext(plan, run, commit)).toMatchObject({
      'short-sha': 'aaaaaaa',
      'run-url': 'https://github.com/acme/shop/actions/runs/77',
      'run-attempt': '2',
      'commit-time': '1970-01-01T00:00:00.000Z',
    });
  });

  it('points to the own server of GitHub Enterprise, also below a path', () => {
    const url = (serverUrl: string) =>
      releaseContext(plan, { ...run, serverUrl }, commit)['run-url'];
    expect(url('https://git.acme.example')).toBe(
      'https://git.acme.example/acme/shop/actions/runs/77',
    );
    expect(url('https://acme.example/github/')).toBe(
      'https://acme.example/github/acme/shop/actions/runs/77',
    );
    expect(url('javascript:alert(1)')).toBe('https://github.com/acme/shop/actions/runs/77');
  });

  it('keeps hostile texts on one line, readable in one direction, and short', () => {
    const context = releaseContext(
      plan,
      {
        ...run,
        ref: `refs/heads/x\r\n::set-env name=A::b${'y'.repeat(999)}`,
        actor: '\u202Eevil\u0000\u001b[31m',
        repository: 'acme/shop?x=<script>',
        runId: '7; rm',
      },
      commit,
    );
    expect(context.ref).toMatch(/^refs\/heads\/x::set-env name=A::by+$/);
    expect(context.ref).toHaveLength(255);
    expect(context.actor).toBe('evil[31m');
    expect(context.repository).toBe('');
    expect(context['run-url']).toBe('');
  });
});
