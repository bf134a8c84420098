import { readFile, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { HelmCommands } from '../tool/index.ts';
import type { Login } from './chart-source.ts';

interface RegistryConfig {
  auths?: Readonly<Record<string, unknown>>;
  credHelpers?: Readonly<Record<string, string>>;
}

/** What Helm and Docker call the registries of Docker Hub in their files of credentials. */
const hubKey = 'https://index.docker.io/v1/';

function keysOf(host: string): readonly string[] {
  return /^(?:registry-1\.|index\.)?docker\.io$/.test(host) ? [host, hubKey] : [host];
}

async function earlierLogins(file: string): Promise<RegistryConfig> {
  try {
    const config = JSON.parse(await readFile(file, 'utf8')) as RegistryConfig | null;
    return typeof config === 'object' ? (config ?? {}) : {};
  } catch {
    return {};
  }
}

/**
 * Writes the login of one registry into a file of its own in `folder` (mode 0600), in the form of
 * Docker's config.json, which Helm reads, and gives its path. Logins of earlier `helm registry login`
 * steps stay valid beside it; a store of the system (`credsStore`) does not, since it would be asked
 * instead of the file. No command has the password among its arguments.
 */
export async function writeRegistryLogin(
  helm: HelmCommands,
  login: Login & { host: string },
  folder: string,
): Promise<string> {
  const own = (await helm.run(['env', 'HELM_REGISTRY_CONFIG'])).stdout.trim();
  const { auths = {}, credHelpers = {} } = await earlierLogins(own);
  const auth = Buffer.from(`${login.username}:${login.password}`).toString('base64');
  const keys = keysOf(login.host);
  const helpers = Object.entries(credHelpers).filter(([host]) => !keys.includes(host));
  const config = {
    auths: { ...auths, ...Object.fromEntries(keys.map((key) => [key, { auth }])) },
    credHelpers: Object.fromEntries(helpers),
  };
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const file = path.join(folder, 'registry.json');
  await writeFile(file, JSON.stringify(config), { mode: 0o600 });
  return file;
}

/** The host of an `oci://` reference or URL, with its port. */
export function registryHost(reference: string): string {
  return reference.replace(/^oci:\/\//, '').replace(/\/.*$/, '');
}
