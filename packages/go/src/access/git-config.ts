import type { AccessPlace } from './access-place.ts';
import { addressesOf, type SshAlias } from './ssh-config.ts';

/** The repository of the job itself, to which the job's own steps keep their own way. */
export interface OwnRepository {
  /** Absolute path of its checkout. */
  workspace: string;
  place: AccessPlace;
}

/** A value of a git configuration, in quotes (git-config(1), "Syntax"). */
const quote = (text: string): string =>
  `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;

const section = (title: string, name: string, values: readonly string[]): string =>
  [`[${title}]`, ...values.map((value) => `\t${name} = ${quote(value)}`)].join('\n');

const rewrite = (to: string, from: readonly string[]): string =>
  section(`url ${quote(to)}`, 'insteadOf', from);

/**
 * The git configuration with which private repositories are reached: credential helpers, and for places with an SSH
 * key addresses that lead to its alias.
 */
export function renderGitConfig(given: {
  /** Shell commands, as git takes them behind `!`. */
  helpers: readonly string[];
  /** Hosts at which credentials differ by path. */
  hostsByPath: readonly string[];
  aliases: readonly SshAlias[];
  /** Whether a server that says nothing for a minute is given up. */
  limitsSilence: boolean;
  /** Of a file for the job's own repository, beside this one. */
  own?: { repository: OwnRepository; file: string };
}): string {
  const { helpers, hostsByPath, aliases, limitsSilence, own } = given;
  const parts = [
    ...(limitsSilence ? ['[http]\n\tlowSpeedLimit = 1\n\tlowSpeedTime = 60'] : []),
    ...helpers.map((helper) => section('credential', 'helper', [helper])),
    ...hostsByPath.map((host) =>
      section(`credential ${quote(`https://${host}`)}`, 'useHttpPath', ['true']),
    ),
    ...aliases.map(({ name, place }) => {
      const below = place.prefix === '' ? '' : `${place.prefix}/`;
      return rewrite(`ssh://git@${name}/${below}`, addressesOf(place));
    }),
  ];
  if (own !== undefined && aliases.length > 0) {
    const folder = `${own.repository.workspace.replaceAll('\\', '/').replace(/\/+$/, '')}/`;
    parts.push(section(`includeIf ${quote(`gitdir:${folder}`)}`, 'path', [own.file]));
  }
  return `${parts.join('\n')}\n`;
}

/** What lets steps in the job's own checkout reach its own repository as without us. */
export function renderOwnRepository({ place }: OwnRepository): string {
  return `${addressesOf(place)
    .map((address) => address.replace(/\/$/, ''))
    .map((address) => rewrite(address, [address]))
    .join('\n')}\n`;
}
