import type { AccessPlace } from './access-place.ts';

/** A place that is reached with one key, and the name that ssh knows this by. */
export interface SshAlias {
  name: string;
  place: AccessPlace;
  /** Absolute path of the key. */
  keyFile: string;
}

const quote = (file: string): string => `"${file.replaceAll('\\', '/')}"`;

/**
 * An ssh_config(5) in which each alias is its place's host, with its own key alone and the host's key as it is
 * known. What the user and the machine have configured holds for all other hosts.
 */
export function renderSshConfig(aliases: readonly SshAlias[], knownHostsFile: string): string {
  const hosts = aliases.map(({ name, place, keyFile }) => {
    const { host, port } = place;
    return [
      `Host ${name}`,
      `  HostName ${host}`,
      // What known_hosts calls a host at another port than ssh's own.
      `  HostKeyAlias ${port === undefined || port === 22 ? host : `[${host}]:${port}`}`,
      ...(port === undefined ? [] : [`  Port ${port}`]),
      '  User git',
      `  IdentityFile ${quote(keyFile)}`,
      '  IdentitiesOnly yes',
      '  IdentityAgent none',
      '  BatchMode yes',
      '  ConnectTimeout 20',
      '  StrictHostKeyChecking yes',
      `  UserKnownHostsFile ${quote(knownHostsFile)}`,
      '  GlobalKnownHostsFile /dev/null',
    ].join('\n');
  });
  return `${[...hosts, 'Match all\n  Include ~/.ssh/config\n  Include /etc/ssh/ssh_config'].join('\n\n')}\n`;
}

/** How a place is written in addresses of git, each up to where a repository's own name begins. */
export function addressesOf({ host, port, prefix }: AccessPlace): readonly string[] {
  const below = prefix === '' ? '' : `${prefix}/`;
  const withPort = port === undefined ? host : `${host}:${port}`;
  return [
    `https://${host}/${below}`,
    `ssh://git@${withPort}/${below}`,
    ...(port === undefined ? [`git@${host}:${below}`] : []),
  ];
}
