import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  parseAccessPlace,
  placeOfPattern,
  privatePatterns,
  readNetrc,
  readSshKeys,
  readTokens,
  shownPlace,
} from '../../src/access/index.ts';
import { helperScript, helperTable } from '../../src/access/credential-helper.ts';
import { knownHosts } from '../../src/access/known-hosts.ts';
import { sshKeyPair } from './git-hosts.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'slipway-helper-'));
  const credentials = [
    ...readTokens(
      [
        'github.com whole',
        'github.com/acme for-acme',
        'github.com/acme/kit robot for-kit',
        '*.corp.example.com for-corp',
        'git.example.com:8443 for-port',
        'git.example.org/team for-team',
      ].join('\n'),
      [],
    ),
    ...readNetrc('machine netrc.example.com login ada password for-netrc'),
  ];
  writeFileSync(path.join(folder, 'credentials'), helperTable(credentials));
  writeFileSync(path.join(folder, 'helper'), helperScript);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What git is told when it asks about an address. */
function answer(address: string, verb = 'get'): string {
  const url = new URL(address);
  const input = `protocol=${url.protocol.slice(0, -1)}\nhost=${url.host}\npath=${url.pathname.slice(1)}\n\n`;
  const told = execFileSync('sh', [path.join(folder, 'helper'), verb], {
    input: verb === 'get' ? input : '',
  }).toString();
  return told.replace(/^username=(.*)\npassword=(.*)\n$/, '$1 $2');
}

describe('the credential helper', () => {
  test.each([
    ['https://github.com/umbrella/app', 'x-access-token whole'],
    ['https://github.com', 'x-access-token whole'],
    ['https://git.example.org', 'x-access-token for-team'],
    ['https://github.com/acme/app.git', 'x-access-token for-acme'],
    ['https://github.com/acme/kit', 'robot for-kit'],
    ['https://github.com/acme/kit-more', 'x-access-token for-acme'],
    ['https://github.com/acmeother/app', 'x-access-token whole'],
    ['https://git.corp.example.com/team/app', 'x-access-token for-corp'],
    ['https://git.example.com:8443/app', 'x-access-token for-port'],
    ['https://netrc.example.com/app', 'ada for-netrc'],
  ])('answers for %s with %s', (address, expected) => {
    expect(answer(address)).toBe(expected);
  });

  test.each([
    'https://gitlab.com/acme/app',
    'https://github.com.evil.example/acme/app',
    'https://evil.example/github.com/acme',
    'https://evilcorp.example.com/app',
    'https://evil.example/x.corp.example.com/app',
    'https://git.example.com/app',
    'http://github.com/acme/app',
    'ssh://github.com/acme/app',
  ])('says nothing of %s', (address) => {
    expect(answer(address)).toBe('');
  });

  test('keeps nothing and forgets nothing', () => {
    expect([answer('https://github.com', 'store'), answer('https://github.com', 'erase')]).toEqual([
      '',
      '',
    ]);
  });
});

describe('a place', () => {
  test.each([
    ['github.com', 'github.com'],
    ['GitHub.com/Acme', 'github.com/Acme'],
    ['git.example.com:2222/team/', 'git.example.com:2222/team'],
    ['github.com/..', undefined],
    ['https://github.com', undefined],
    ['github.com/acme$(id)', undefined],
    ['-oProxyCommand=id', undefined],
    ['', undefined],
  ])('%j is %s', (text, shown) => {
    const place = parseAccessPlace(text);
    expect(place && shownPlace(place)).toBe(shown);
  });

  test.each([
    ['github.com/acme/*', 'github.com/acme'],
    ['github.com/acme', 'github.com/acme'],
    ['*.corp.example.com', '*.corp.example.com'],
    ['git*.example.com', undefined],
    ['*', undefined],
  ])('of the pattern %s is %s', (pattern, shown) => {
    const place = placeOfPattern(pattern);
    expect(place && shownPlace(place)).toBe(shown);
  });

  test('is no address and no command in a pattern', () => {
    expect(privatePatterns(['github.com/acme/*,gitlab.com/acme', '*.corp'])).toHaveLength(3);
    for (const bad of ['https://github.com/acme', 'github.com/acme x', 'a"b'])
      expect(() => privatePatterns([bad])).toThrow('is no pattern of GOPRIVATE');
  });
});

describe('credentials are refused', () => {
  const places = [parseAccessPlace('github.com/acme')].filter((each) => each !== undefined);

  test('that are for nobody, or not of their form, and none is quoted', () => {
    expect(() => readTokens('secret', [])).toThrow('private-modules');
    expect(() => readTokens('github.com secret\nsecret', places)).toThrow(/^line 2 is not of/);
    expect(() => readTokens('https://github.com secret', places)).toThrow(/^line 1 is not of/);
    expect(() => readSshKeys('a secret', places)).toThrow(/^there is a line that is neither/);
    expect(() => readSshKeys('-----BEGIN OPENSSH PRIVATE KEY-----\nabc', places)).toThrow('no end');
    expect(() => readSshKeys(sshKeyPair().private, [])).toThrow('private-modules');
  });

  test('that ask for a passphrase', () => {
    const locked = sshKeyPair('open sesame').private;
    expect(() => readSshKeys(locked, places)).toThrow('has a passphrase');
  });
});

test('keys of hosts that are given stand in the place of those that are published', () => {
  const given = 'github.com ssh-ed25519 AAAAown';
  expect(knownHosts(given).match(/^github\.com .*$/gm)).toEqual([given]);
  expect(knownHosts('').match(/^github\.com .*$/gm)).toHaveLength(2);
});
