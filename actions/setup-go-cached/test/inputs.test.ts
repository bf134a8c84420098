import { describe, expect, test } from '@jest/globals';
import { readRunnerEnvironment } from '@slipway/runtime';
import { inputValues } from '@slipway/testing';
import { sshKeyPair } from '../../../packages/go/test/access/git-hosts.ts';
import { parseInputs } from '../src/inputs.ts';

const runner = readRunnerEnvironment({ GITHUB_WORKSPACE: '/ws', RUNNER_TEMP: '/tmp' }, 'linux');

function parse(values: Record<string, string>) {
  const masked: string[] = [];
  const source = {
    ...inputValues(values),
    maskSecret: (secret: string): void => void masked.push(secret),
  };
  return { inputs: parseInputs(source, runner), masked };
}

describe('the inputs', () => {
  test('all have defaults', () => {
    expect(parse({}).inputs).toMatchObject({
      ...{ goVersion: '', goVersionFile: '', checkLatest: false, cache: true, cacheSave: true },
      ...{ token: '', architecture: '', goDownloadBaseUrl: '', verifyModules: false },
      privateModules: { patterns: [], span: 'step', secrets: [] },
      workingDirectory: '/ws',
    });
  });

  test('tell for whom each token is, and have each masked by itself', () => {
    const { inputs, masked } = parse({
      'private-modules': 'github.com/acme/*\n*.corp.example.com',
      'private-token': 'github.com/acme one\ngit.corp.example.com robot two',
      netrc: 'machine proxy.example.com login ada password three',
    });
    const { access, patterns } = inputs.privateModules;
    expect(patterns).toEqual(['github.com/acme/*', '*.corp.example.com']);
    expect(
      access.credentials.map(({ place, user, password }) => [place.host, user, password]),
    ).toEqual([
      ['github.com', 'x-access-token', 'one'],
      ['git.corp.example.com', 'robot', 'two'],
      ['proxy.example.com', 'ada', 'three'],
    ]);
    for (const secret of ['one', 'two', 'three']) expect(masked).toContain(secret);
  });

  test('take a version file anywhere, but not by slipway.yml', () => {
    expect(parse({ 'go-version-file': '../go.mod' }).inputs.goVersionFile).toBe('/go.mod');
    const settings = JSON.stringify({ 'go-version-file': '../go.mod' });
    expect(() => parse({ settings })).toThrow(/go-version-file in settings: .*outside/);
  });

  test.each([
    [{ 'go-download-base-url': 'ftp://x' }, /go-download-base-url: .*expected an http/],
    [
      { 'private-modules': 'https://github.com/acme' },
      /private-modules: .* no pattern of GOPRIVATE/,
    ],
    [{ 'private-token': 'secret-one' }, /private-token: one token alone .*private-modules/],
    [{ 'private-token': 'a b c secret-one' }, /private-token: line 1 is not of the form/],
    [{ 'private-ssh-key': 'secret one' }, /private-ssh-key: there is a line that is neither/],
    [{ netrc: 'secret-one' }, /netrc: has no line of the form/],
    [{ 'private-access': 'forever' }, /private-access: .*step, job/],
    [{ 'verify-modules': 'yes' }, /verify-modules: .*true, false/],
    [{ 'working-directory': '../other' }, /working-directory: .*outside/],
  ])('%j are refused, and no secret is quoted', (values, message) => {
    const act = () => parse(values);
    expect(act).toThrow(message);
    expect(act).not.toThrow(/secret.one/);
  });

  test('ask for the host keys of a host that nobody knows', () => {
    const key = sshKeyPair().private;
    const values = { 'private-modules': 'git.example.com/team', 'private-ssh-key': key };
    expect(() => parse(values)).toThrow(/private-known-hosts: is needed for git\.example\.com/);
    const knownHosts = 'git.example.com ssh-ed25519 AAAA';
    expect(
      parse({ ...values, 'private-known-hosts': knownHosts }).inputs.privateModules.access,
    ).toMatchObject({ knownHosts, sshKeys: [{ places: [{ host: 'git.example.com' }] }] });
    expect(() => parse({ ...values, 'private-modules': '*.example.com' })).toThrow(
      /private-ssh-key: a key cannot be for \*\.example\.com/,
    );
  });
});
