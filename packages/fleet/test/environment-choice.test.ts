import { describe, expect, test } from '@jest/globals';
import { globMatcher } from '@slipway/glob';
import { environmentFor, readFleet, type ReleaseStart } from '../src/index.ts';

const fleet = readFleet(
  `environments:
  staging:
    when:
      - kind: push
      - kind: pre-release
  hotfix:
    when: { branch: [hotfix/**] }
  production:
    when:
      - { tag: ['v*', 'services/*/v*'] }
      - { kind: dispatch, branch: main }
  everything:
    when: [{ kind: tag }, { kind: pre-release }]
  by-name:
`,
  'slipway.yml',
);
const chosen = (start: ReleaseStart): string | undefined =>
  environmentFor(fleet, start, globMatcher)?.environment.name;

describe('the environment of a release', () => {
  test.each<[ReleaseStart, string | undefined]>([
    [{ kind: 'push', branch: 'main', onDefaultBranch: true }, 'staging'],
    [{ kind: 'push', branch: 'feature', onDefaultBranch: false }, undefined],
    [{ kind: 'push', branch: 'hotfix/a/b', onDefaultBranch: false }, 'hotfix'],
    [{ kind: 'pre-release', tag: 'v1.2.3-rc.1' }, 'staging'],
    [{ kind: 'tag', tag: 'v1.2.3' }, 'production'],
    [{ kind: 'tag', tag: 'services/api/v1.2.3' }, 'production'],
    [{ kind: 'tag', tag: 'api@1.2.3' }, 'everything'],
    [{ kind: 'dispatch', branch: 'main', onDefaultBranch: true }, 'production'],
    [{ kind: 'dispatch', branch: 'feature' }, undefined],
    [{ kind: 'dispatch', tag: 'v1.2.3' }, undefined],
    [{ kind: 'dispatch', branch: 'feature', environment: 'by-name' }, 'by-name'],
    [{ kind: 'push', branch: 'x', environment: '' }, undefined],
  ])('for %j is %s', (start, name) => {
    expect(chosen(start)).toBe(name);
  });

  test('comes with where it was said, and what else would fit', () => {
    const tag = environmentFor(fleet, { kind: 'tag', tag: 'v1' }, globMatcher);
    expect([tag?.why, tag?.passedOver]).toEqual([
      'environments.production.when[0] in slipway.yml, line 10',
      ['everything'],
    ]);
    const push = environmentFor(fleet, { kind: 'push', branch: 'hotfix/x' }, globMatcher);
    expect(push?.why).toBe('environments.hotfix.when in slipway.yml, line 7');
  });

  test('is refused when it is asked for and not in the file', () => {
    expect(() => chosen({ kind: 'dispatch', environment: 'prodction' })).toThrow(
      'The environment "prodction" is unknown; did you mean production?',
    );
  });
});
