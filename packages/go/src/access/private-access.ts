import * as fs from 'node:fs/promises';
import path from 'node:path';
import { shownPlace } from './access-place.ts';
import { helperScript, helperTable } from './credential-helper.ts';
import { renderNetrc, type Credential } from './credentials.ts';
import { renderGitConfig, renderOwnRepository, type OwnRepository } from './git-config.ts';
import { knownHosts } from './known-hosts.ts';
import { renderSshConfig, type SshAlias } from './ssh-config.ts';
import type { SshKey } from './ssh-keys.ts';

/** With what private modules are reached. */
export interface PrivateAccess {
  credentials: readonly Credential[];
  /** Lines of a .netrc, whose credentials are among those. */
  netrc: string;
  sshKeys: readonly SshKey[];
  /** Lines of a known_hosts besides what the large hosts publish. */
  knownHosts: string;
  /** A credential helper of the user's, as git takes it; empty for none. */
  credentialHelper: string;
}

/** Whether there is anything to reach private modules with. */
export const hasAccess = ({ credentials, sshKeys, credentialHelper }: PrivateAccess): boolean =>
  credentials.length > 0 || sshKeys.length > 0 || credentialHelper !== '';

type Env = Readonly<Record<string, string | undefined>>;

/** The configuration file, added to what the environment says to git already. */
function gitVariables(env: Env, file: string): Record<string, string> {
  const count = Number(env['GIT_CONFIG_COUNT'] ?? '0');
  const next = Number.isSafeInteger(count) && count >= 0 ? count : 0;
  return {
    GIT_CONFIG_COUNT: String(next + 1),
    [`GIT_CONFIG_KEY_${next}`]: 'include.path',
    [`GIT_CONFIG_VALUE_${next}`]: file,
    // Nobody is there to be asked.
    GIT_TERMINAL_PROMPT: '0',
    GCM_INTERACTIVE: 'never',
  };
}

/** What the user's own .netrc says: the go command reads one file alone. */
async function ownNetrc(env: Env): Promise<string> {
  const home = env['HOME'] ?? env['USERPROFILE'];
  const file = env['NETRC'] ?? (home && path.join(home, '.netrc'));
  return file === undefined || file === '' ? '' : await fs.readFile(file, 'utf8').catch(() => '');
}

/** In the shell that git runs commands with. */
const quoted = (file: string): string =>
  `'${file.replaceAll('\\', '/').replaceAll("'", String.raw`'\''`)}'`;

/**
 * Writes into `folder`, an empty one that is nobody else's, what git, ssh and the go command need to reach private
 * modules, each file of mode 0600, and returns the variables that lead them there. The user's own configuration stays
 * as it is and in force; without the folder the variables mean nothing.
 */
export async function writePrivateAccess(
  folder: string,
  access: PrivateAccess,
  job: { env: Env; span: 'step' | 'job'; own?: OwnRepository },
): Promise<Record<string, string>> {
  const file = (name: string): string => path.join(folder, name);
  const write = (name: string, text: string): Promise<void> =>
    fs.writeFile(file(name), text, { mode: 0o600 });
  const { credentials, sshKeys, credentialHelper } = access;
  const aliases: SshAlias[] = [];
  for (const [index, { pem, places }] of sshKeys.entries()) {
    await write(`key-${index}`, pem);
    for (const place of places)
      aliases.push({ name: `slipway-${aliases.length}`, place, keyFile: file(`key-${index}`) });
  }
  if (aliases.length > 0) {
    await write('known_hosts', knownHosts(access.knownHosts));
    await write('ssh_config', renderSshConfig(aliases, file('known_hosts')));
  }
  if (credentials.length > 0) {
    await write('credentials', helperTable(credentials));
    await write('helper', helperScript);
    const netrcs = [renderNetrc(credentials), access.netrc, await ownNetrc(job.env)];
    await write('netrc', netrcs.join('\n'));
  }
  const byPath = credentials.filter(({ place }) => place.prefix !== '');
  const config = renderGitConfig({
    helpers: [
      ...(credentials.length > 0 ? [`!sh ${quoted(file('helper'))}`] : []),
      ...(credentialHelper === '' ? [] : [credentialHelper]),
    ],
    hostsByPath: [...new Set(byPath.map(({ place }) => shownPlace({ ...place, prefix: '' })))],
    aliases,
    // How patient the job's own steps are is for them to say.
    limitsSilence: job.span === 'step',
    ...(job.own === undefined ? {} : { own: { repository: job.own, file: 'own-repository' } }),
  });
  if (job.own !== undefined) await write('own-repository', renderOwnRepository(job.own));
  await write('gitconfig', config);
  return {
    ...gitVariables(job.env, file('gitconfig')),
    ...(aliases.length === 0
      ? {}
      : {
          // The go command sets one of its own where there is none.
          GIT_SSH_COMMAND: `ssh -F ${quoted(file('ssh_config'))} -o ControlMaster=no`,
        }),
    ...(credentials.length === 0 ? {} : { NETRC: file('netrc') }),
  };
}
