import * as fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { ExecError, type Exec } from '@slipway/exec';
import { ActionError, type MaskSecret } from '@slipway/runtime';

/** How a registry's token service or the registry itself knows us. */
export type RegistryCredentials =
  | { kind: 'basic'; username: string; password: string }
  /** An OAuth 2 refresh token that the token service takes. */
  | { kind: 'identity-token'; token: string };

interface DockerConfig {
  auths?: Record<
    string,
    { auth?: string; username?: string; password?: string; identitytoken?: string }
  >;
  credHelpers?: Record<string, string>;
  credsStore?: string;
}

function configKeys(registry: string): string[] {
  return registry === 'docker.io'
    ? ['https://index.docker.io/v1/', 'index.docker.io', 'docker.io']
    : [registry, `https://${registry}`, `https://${registry}/v2/`, `https://${registry}/`];
}

async function readConfig(
  env: Readonly<Record<string, string | undefined>>,
): Promise<DockerConfig | undefined> {
  const folder = env['DOCKER_CONFIG'] ?? path.join(env['HOME'] ?? os.homedir(), '.docker');
  const file = path.join(folder, 'config.json');
  let text: string;
  try {
    text = await fs.readFile(file, 'utf8');
  } catch {
    return undefined;
  }
  const config = readObject(text);
  if (config === undefined)
    throw new ActionError(`${file} is no JSON object.`, {
      next: 'Log in again, or give registry-username and registry-password.',
    });
  return config;
}

/** An object of JSON; the parser's own message would quote the text, credentials included. */
function readObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function fromAuth(
  entry: NonNullable<DockerConfig['auths']>[string] | undefined,
): RegistryCredentials | undefined {
  if (entry?.identitytoken !== undefined && entry.identitytoken !== '')
    return { kind: 'identity-token', token: entry.identitytoken };
  const pair = Buffer.from(entry?.auth ?? '', 'base64').toString();
  const at = pair.indexOf(':');
  const username = entry?.username ?? (at > 0 ? pair.slice(0, at) : '');
  const password = entry?.password ?? (at > 0 ? pair.slice(at + 1) : '');
  return username === '' || password === '' ? undefined : { kind: 'basic', username, password };
}

function helperFailure(
  program: string,
  registry: string,
  what: string,
  cause?: unknown,
): ActionError {
  return new ActionError(`${program}, which Docker's config.json names for ${registry}, ${what}.`, {
    cause,
    next: `Install ${program} on PATH, log in again, or give registry-username and registry-password.`,
  });
}

async function fromHelper(
  exec: Exec,
  helper: string,
  registry: string,
): Promise<RegistryCredentials | undefined> {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(helper)) return undefined;
  const program = `docker-credential-${helper}`;
  for (const server of configKeys(registry)) {
    const { exitCode, stdout } = await exec(program, ['get'], {
      input: server,
      // Helpers of clouds may ask GitHub who this job is.
      logsIn: true,
      timeoutMs: 30_000,
      allowExitCodes: [1],
    }).catch((error: unknown) => {
      throw error instanceof ExecError && error.exitCode === undefined
        ? helperFailure(program, registry, 'could not be run', error)
        : error;
    });
    if (exitCode !== 0) continue;
    const answer = readObject(stdout);
    if (answer === undefined) throw helperFailure(program, registry, 'answered something else');
    const { Username, Secret } = answer;
    if (typeof Username !== 'string' || typeof Secret !== 'string' || Secret === '') continue;
    return Username === '<token>'
      ? { kind: 'identity-token', token: Secret }
      : { kind: 'basic', username: Username, password: Secret };
  }
  return undefined;
}

/** What Docker's config.json has for a registry: a helper of its own, an entry, the helper for all. */
async function fromDocker(
  exec: Exec,
  registry: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<RegistryCredentials | undefined> {
  const config = await readConfig(env);
  if (config === undefined) return undefined;
  const keys = configKeys(registry);
  const helper = keys.map((key) => config.credHelpers?.[key]).find(Boolean);
  if (helper !== undefined) return fromHelper(exec, helper, registry);
  const own = keys.map((key) => fromAuth(config.auths?.[key])).find(Boolean);
  if (own !== undefined || config.credsStore === undefined) return own;
  return fromHelper(exec, config.credsStore, registry);
}

function maskCredentials(found: RegistryCredentials, maskSecret: MaskSecret): void {
  if (found.kind === 'identity-token') return maskSecret(found.token);
  maskSecret(found.password);
  maskSecret(Buffer.from(`${found.username}:${found.password}`).toString('base64'));
}

/**
 * Credentials for `registry`: those given, else what Docker's config.json (in DOCKER_CONFIG or
 * ~/.docker) says, directly or through a credential helper. Undefined means: ask anonymously. All that
 * is found is masked before it is returned.
 */
export async function findCredentials(options: {
  registry: string;
  username: string;
  password: string;
  env: Readonly<Record<string, string | undefined>>;
  exec: Exec;
  maskSecret: MaskSecret;
}): Promise<RegistryCredentials | undefined> {
  const { registry, username, password, env, exec, maskSecret } = options;
  const found: RegistryCredentials | undefined =
    password === '' ? await fromDocker(exec, registry, env) : { kind: 'basic', username, password };
  if (found !== undefined) maskCredentials(found, maskSecret);
  return found;
}
