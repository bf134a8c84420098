import { describe, expect, test } from '@jest/globals';
import { readHelmError } from '../../src/tool/helm-error.ts';

describe('what Helm writes to standard error', () => {
  test.each([
    ['Error: UPGRADE FAILED: etcdserver: leader changed', true],
    ['Error: UPGRADE FAILED: Post "https://x": read tcp 1.2.3.4: connection reset by peer', true],
    [
      'Error: Internal error occurred: failed calling webhook "a.b": Post "https://w": context deadline exceeded',
      true,
    ],
    [
      'Error: UPGRADE FAILED: Operation cannot be fulfilled on deployments.apps "web": the object has been modified; please apply your changes to the latest version and try again',
      true,
    ],
    ['Error: UPGRADE FAILED: context deadline exceeded', false],
    ['Error: UPGRADE FAILED: cannot patch "web" with kind Deployment: field is immutable', false],
    [
      'Error: UPGRADE FAILED: pre-upgrade hooks failed: job web failed: BackoffLimitExceeded',
      false,
    ],
    ['Error: admission webhook "policy.acme" denied the request: no', false],
  ])('%j is transient: %j', (stderr, transient) => {
    expect(readHelmError(stderr, '').transient).toBe(transient);
  });

  test('loses its prefixes and the log lines around it', () => {
    const stderr = [
      'level=WARN msg="unable to find exact version"',
      'Error: UPGRADE FAILED: cannot patch "web" with kind Service: no',
    ].join('\n');
    expect(readHelmError(stderr, '').message).toBe('cannot patch "web" with kind Service: no');
  });

  test('never shows the Secret that Helm dumps into it (helm/helm#11727)', () => {
    const secret = Buffer.from('correct horse battery staple').toString('base64');
    const stderr = `Error: UPGRADE FAILED: cannot patch "db" with kind Secret: Secret "db" is invalid: data: Invalid value: "{\\"apiVersion\\":\\"v1\\",\\"data\\":{\\"password\\":\\"${secret}\\"}}": field is immutable when \`immutable\` is set`;
    const { message, next } = readHelmError(stderr, '');
    expect(message).not.toContain(secret);
    expect(message).toContain('field is immutable');
    expect(next).toContain('new name');
  });

  test.each<[string, string, RegExp]>([
    [
      'an outage of a registry whose page says "not found"',
      'Error: failed to fetch the namespace "charts" of the registry: 503 Service Unavailable: backend "a" not found',
      /is not well/,
    ],
    [
      'a list that names an entry twice',
      'Error: .spec.template.spec.containers[name="main"].env: duplicate entries for key [name="A"]',
      /names one entry twice/,
    ],
    ['a namespace that is not there', 'Error: namespaces "shop" not found', /create-namespace/],
  ])('has advice for %s', (_, stderr, next) => {
    expect(readHelmError(stderr, '').next).toMatch(next);
  });

  test('falls back to the message of the command when there is nothing', () => {
    expect(readHelmError('', 'helm was ended by SIGKILL').message).toBe(
      'helm was ended by SIGKILL',
    );
  });
});
