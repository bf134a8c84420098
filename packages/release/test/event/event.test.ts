import { describe, expect, it } from '@jest/globals';
import { readEvent } from '../../src/index.ts';

const sha = (digit: string): string => digit.repeat(40);
const repository = { default_branch: 'main', full_name: 'acme/shop' };
const read = (eventName: string, payload: unknown, ref = 'refs/heads/main') =>
  readEvent({ eventName, payload, ref });

describe('an event', () => {
  it.each([
    [
      'a pull request',
      'pull_request',
      {
        number: 12,
        pull_request: { number: 12, head: { sha: sha('a') }, base: { sha: sha('b'), ref: 'main' } },
      },
      { kind: 'pull-request', number: 12, headSha: sha('a'), baseSha: sha('b') },
    ],
    [
      'an entry of the merge queue',
      'merge_group',
      {
        merge_group: {
          head_ref: `refs/heads/gh-readonly-queue/main/pr-12-${sha('b')}`,
          head_sha: sha('a'),
          base_sha: sha('b'),
        },
      },
      { kind: 'pull-request', number: 12, headSha: sha('a'), baseSha: sha('b') },
    ],
    [
      'a push to the default branch',
      'push',
      { ref: 'refs/heads/main', before: sha('b'), repository },
      { kind: 'push', branch: 'main', onDefaultBranch: true, baseSha: sha('b') },
    ],
    [
      'a push to another branch',
      'push',
      { ref: 'refs/heads/fix/x', before: sha('b'), repository },
      { kind: 'push', branch: 'fix/x', onDefaultBranch: false, baseSha: sha('b') },
    ],
    [
      'the first push of a branch',
      'push',
      { ref: 'refs/heads/main', before: sha('0'), created: true, repository },
      { kind: 'push', branch: 'main', onDefaultBranch: true, baseSha: undefined },
    ],
    [
      'a pushed tag',
      'push',
      { ref: 'refs/tags/services/api/v1.2.3', before: sha('0'), repository },
      { kind: 'tag', tag: 'services/api/v1.2.3' },
    ],
    [
      'a published release',
      'release',
      { action: 'published', release: { tag_name: 'v1.2.3', prerelease: false }, repository },
      { kind: 'tag', tag: 'v1.2.3' },
    ],
    [
      'a pre-release that became a release',
      'release',
      { action: 'released', release: { tag_name: 'v1.2.3' }, repository },
      { kind: 'tag', tag: 'v1.2.3' },
    ],
    [
      'a release that is marked as a pre-release',
      'release',
      { action: 'published', release: { tag_name: 'v1.2.3', prerelease: true }, repository },
      { kind: 'tag', tag: 'v1.2.3', markedPrerelease: true },
    ],
    [
      'a dispatch with inputs',
      'workflow_dispatch',
      { ref: 'refs/heads/main', inputs: { environment: 'qa', dry: true }, repository },
      {
        kind: 'dispatch',
        from: { branch: 'main', onDefaultBranch: true },
        inputs: { environment: 'qa' },
      },
    ],
    [
      'a schedule, which names its ref in the environment only',
      'schedule',
      { schedule: '0 4 * * *', repository },
      { kind: 'dispatch', from: { branch: 'main', onDefaultBranch: true }, inputs: {} },
    ],
  ])('is read from %s', (_, eventName, payload, expected) => {
    expect(read(eventName, payload)).toEqual(expected);
  });

  it('that is unknown is refused with the valid ones listed', () => {
    expect(() => read('issue_comment', {})).toThrow(
      /"issue_comment" is not one .* Valid events: pull_request, merge_group, push/,
    );
  });

  it.each(['pull_request_target', 'workflow_run'])('%s is refused for its danger', (name) => {
    expect(() => read(name, {})).toThrow(/with secrets on what a stranger may have written/);
  });

  it('that deleted its branch is refused', () => {
    expect(() => read('push', { ref: 'refs/heads/x', deleted: true, after: sha('0') })).toThrow(
      /deleted "refs\/heads\/x"/,
    );
  });

  it('whose payload lacks what it must have is refused with the field named', () => {
    expect(() => read('pull_request', {})).toThrow(/lacks pull_request.number/);
    expect(() => read('release', { release: { tag_name: 7 } })).toThrow(/lacks release.tag_name/);
    expect(() => read('release', { release: { tag_name: 'v1.0.0' } })).toThrow(/lacks action/);
  });

  it('takes no commit id that is not one', () => {
    const before = '--output=/etc/passwd';
    expect(read('push', { ref: 'refs/heads/main', before, repository })).toMatchObject({
      baseSha: undefined,
    });
  });

  it('does not look into the prototype of a payload', () => {
    expect(() =>
      read('push', { ref: 'refs/heads/main', __proto__: { deleted: true } }),
    ).not.toThrow();
  });

  it.each([[], 'push', 7, null])('whose payload is %j is refused', (payload) => {
    expect(() => read('push', payload)).toThrow(/payload of the event "push" is .* an object is/);
  });

  it('does not take a default branch that is no text for main', () => {
    const payload = { ref: 'refs/heads/main', repository: { default_branch: ['main'] } };
    expect(() => read('push', payload)).toThrow(/default_branch .* is a list where text is/);
  });
});

describe('a release on GitHub', () => {
  it.each(['created', 'edited', 'deleted', 'unpublished', 'prereleased', 'constructor'])(
    'that has the activity %s starts nothing, and says why',
    (action) => {
      const payload = { action, release: { tag_name: 'v1.2.3' }, repository };
      const event = read('release', payload);
      expect(event).toMatchObject({ kind: 'none' });
      expect(event).toHaveProperty(
        'why',
        expect.stringMatching(/^the release "v1.2.3" .*; only published and released start one$/),
      );
    },
  );

  it('that is a draft starts nothing', () => {
    const payload = { action: 'published', release: { tag_name: 'v1.2.3', draft: true } };
    expect(read('release', payload)).toMatchObject({ kind: 'none' });
  });

  it('whose mark as a pre-release is not understood is refused', () => {
    const payload = { action: 'published', release: { tag_name: 'v1.2.3', prerelease: 'true' } };
    expect(() => read('release', payload)).toThrow(/release.prerelease .* is a string where true/);
  });
});
