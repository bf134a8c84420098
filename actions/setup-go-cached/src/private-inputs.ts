import {
  isPublishedHost,
  netrcPasswords,
  placeOfPattern,
  privatePatterns,
  readNetrc,
  readSshKeys,
  readTokens,
  shownPlace,
  tokensOf,
  type AccessPlace,
  type PrivateAccess,
  type SshKey,
} from '@slipway/go';
import type { InputReader, InputSource } from '@slipway/runtime';
import { readAppKey, type ModulesApp } from './app-token.ts';

/** How long the credentials for private modules are there. */
export const accessSpans = ['step', 'job'] as const;
export type AccessSpan = (typeof accessSpans)[number];

/** What the step is told of private modules. */
export interface PrivateModules {
  /** Patterns of GOPRIVATE. */
  patterns: readonly string[];
  access: PrivateAccess;
  /** Makes itself a token for the download; undefined for none. */
  app: ModulesApp | undefined;
  span: AccessSpan;
  /** All that must not be shown. */
  secrets: readonly string[];
}

/** The runner masks whole lines; a token in one of them is a secret of its own. */
function mask(source: InputSource, secrets: readonly string[]): readonly string[] {
  for (const secret of secrets) source.maskSecret?.(secret);
  return secrets;
}

function readNetrcText(read: InputReader): string {
  const netrc = read.secret('netrc');
  if (netrc !== '' && !/(?:^|\s)(?:machine|default)\s/.test(netrc))
    read.problem('netrc: has no line of the form "machine HOST login NAME password TOKEN".');
  return netrc;
}

/** Every key goes to a host that is named, and that is known when it answers. */
function checkKeys(read: InputReader, keys: readonly SshKey[], knownHosts: string): void {
  for (const place of keys.flatMap(({ places }) => places)) {
    if (place.host.startsWith('*'))
      read.problem(
        `private-ssh-key: a key cannot be for ${shownPlace(place)}; put a line with the host's own name above it.`,
      );
    else if (!isPublishedHost(place.host) && knownHosts === '')
      read.problem(
        `private-known-hosts: is needed for ${place.host}, so that a key goes to no other host; its owner publishes the lines, and ssh-keyscan ${place.host} shows what to compare with them.`,
      );
  }
}

function readApp(read: InputReader, span: AccessSpan): ModulesApp | undefined {
  const clientId = read.string('app-client-id', {
    pattern: /^[A-Za-z0-9._-]{1,100}$/,
    expected: 'the client id of a GitHub App',
  });
  const pem = read.secret('app-private-key');
  if (clientId === '') return undefined;
  if (span === 'job')
    read.problem(
      'app-client-id: its token is taken back after the download; with private-access: job, make one with actions/create-github-app-token and give it as private-token.',
    );
  const key = readAppKey(pem);
  if (key === undefined)
    read.problem(
      `app-private-key: ${pem === '' ? 'is needed with app-client-id; a pull request of a fork gets no secrets.' : 'is no private key in PEM.'}`,
    );
  return key === undefined ? undefined : { clientId, key };
}

/** Reads the inputs about private modules. */
export function readPrivateModules(read: InputReader, source: InputSource): PrivateModules {
  const entries = read.list('private-modules');
  const patterns = read.check('private-modules', () => privatePatterns(entries)) ?? [];
  const places = patterns
    .map(placeOfPattern)
    .filter((place): place is AccessPlace => place !== undefined);
  const [tokenText, keyText] = [read.secret('private-token'), read.secret('private-ssh-key')];
  const netrc = readNetrcText(read);
  const secrets = mask(source, [...tokensOf(tokenText), ...netrcPasswords(netrc)]);
  const tokens = read.check('private-token', () => readTokens(tokenText, places)) ?? [];
  const sshKeys = read.check('private-ssh-key', () => readSshKeys(keyText, places)) ?? [];
  const knownHosts = read.document('private-known-hosts');
  checkKeys(read, sshKeys, knownHosts);
  const span = read.oneOf('private-access', accessSpans);
  return {
    patterns,
    access: {
      credentials: [...tokens, ...readNetrc(netrc)],
      netrc,
      sshKeys,
      knownHosts,
      credentialHelper: read.string('private-credential-helper'),
    },
    app: readApp(read, span),
    span,
    secrets,
  };
}
