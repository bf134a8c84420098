import { InputError } from '@slipway/runtime';
import { parseAccessPlace, shownPlace, type AccessPlace } from './access-place.ts';

/** A name and its password, and where they are good for. */
export interface Credential {
  place: AccessPlace;
  user: string;
  password: string;
}

/** By whom a token is given, where the host cares; GitHub takes any name. */
const tokenUsers: Readonly<Record<string, string>> = {
  'bitbucket.org': 'x-token-auth',
  'gitlab.com': 'oauth2',
};
const anyUser = 'x-access-token';

const asUser = (place: AccessPlace, password: string, user?: string): Credential => ({
  place,
  user: user ?? tokenUsers[place.host] ?? anyUser,
  password,
});

/** The lines of a text that say something. */
const lines = (text: string): string[][] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split(/\s+/));

/** The secrets of `private-token`: the last word of each line. */
export const tokensOf = (text: string): readonly string[] =>
  lines(text).map((words) => words.at(-1) ?? '');

/**
 * Reads `private-token`: one token for all `places`, or lines `HOST[/OWNER] [USER] TOKEN`. Throws InputError, which
 * quotes no word that may be a secret.
 */
export function readTokens(text: string, places: readonly AccessPlace[]): readonly Credential[] {
  const found = lines(text);
  if (found.length === 0) return [];
  const [only, ...more] = found;
  if (only?.length === 1 && more.length === 0) {
    if (places.length === 0)
      throw new InputError(
        'one token alone is for the hosts of private-modules, which names none. Expected private-modules, or lines HOST[/OWNER] TOKEN.',
      );
    return places.map((place) => asUser(place, only[0] ?? ''));
  }
  return found.map((words, index) => {
    const place = parseAccessPlace(words[0] ?? '');
    if (place === undefined || words.length < 2 || words.length > 3)
      throw new InputError(`line ${index + 1} is not of the form HOST[/OWNER] [USER] TOKEN.`);
    return asUser(place, words.at(-1) ?? '', words.length === 3 ? words[1] : undefined);
  });
}

/** The words of a .netrc that are secret. */
export function netrcPasswords(netrc: string): readonly string[] {
  return [...netrc.matchAll(/(?:^|\s)(?:password|account)\s+(\S+)/g)].map(([, word = '']) => word);
}

/** Stands for every host, as `default` in a .netrc. */
export const everyHost = '*';

/** What a .netrc says (`machine HOST login NAME password TOKEN`, `default login NAME password TOKEN`). */
export function readNetrc(text: string): readonly Credential[] {
  const found: Credential[] = [];
  for (const entry of text.split(/(?:^|\s)(?=(?:machine|default)(?:\s|$))/)) {
    const words = entry.trim().split(/\s+/);
    const after = (name: string): string | undefined => {
      const at = words.indexOf(name, 1);
      return at < 0 ? undefined : words[at + 1];
    };
    const isDefault = words[0] === 'default';
    const place = isDefault
      ? { host: everyHost, port: undefined, prefix: '' }
      : parseAccessPlace(words[0] === 'machine' ? (words[1] ?? '') : '');
    const password = after('password');
    if (place !== undefined && password !== undefined)
      found.push({ place, user: after('login') ?? anyUser, password });
  }
  return found;
}

/**
 * A .netrc for the go command, which asks hosts for a module's repository and proxies for modules with it. It knows
 * no paths, so that of several credentials for one host the first is in it; the git credentials know more.
 */
export function renderNetrc(credentials: readonly Credential[]): string {
  const hosts = new Map<string, Credential>();
  for (const each of credentials)
    if (!hosts.has(each.place.host) && !each.place.host.startsWith(everyHost))
      hosts.set(each.place.host, each);
  return [...hosts.values()]
    .map(
      ({ place, user, password }) => `machine ${place.host} login ${user} password ${password}\n`,
    )
    .join('');
}

/** The places of credentials, for the log. */
export const placesOf = (credentials: readonly Credential[]): string =>
  [...new Set(credentials.map(({ place }) => shownPlace(place)))].join(', ');
