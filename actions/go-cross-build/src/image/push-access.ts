import {
  createRegistryClient,
  findCredentials,
  formatImageName,
  formatPlatform,
  parseImageName,
  readBaseImage,
  type BaseImage,
  type BaseSource,
  type ImageName,
  type ImagePlatform,
  type PinnedImage,
  type RegistryClient,
} from '@slipway/artifact';
import type { HttpClient } from '@slipway/http';
import type { ImageRepository } from './image-repositories.ts';
import type { CrossBuildPorts } from '../ports.ts';

/** A repository that lets us push. */
export interface OpenRepository extends ImageRepository {
  client: RegistryClient;
}

/** Who logs in where the images go; elsewhere Docker's configuration is asked. */
interface Login {
  username: string;
  password: string;
}

type RegistryPorts = CrossBuildPorts & { http: HttpClient };

async function connect(
  { clock, env, exec, http, log, maskSecret, signal }: RegistryPorts,
  name: ImageName,
  { username, password }: Login,
  more: { access?: 'pull'; mountFrom?: readonly string[] },
): Promise<RegistryClient> {
  const { registry } = name;
  const from = { registry, username, password, env, exec, maskSecret };
  const credentials = await findCredentials(from);
  const { fetch } = http;
  const how = { name, credentials, fetch, clock, signal, maskSecret, log };
  return createRegistryClient({ ...how, ...more });
}

/** The base of images: where its layers are, and what it is for each platform. */
export interface OpenBase {
  source: BaseSource;
  /** By `linux/arm/v7`. */
  images: ReadonlyMap<string, BaseImage>;
}

/** Reads what a base is for each platform, so that what it lacks is known before anything is compiled. */
export async function openBase(
  ports: RegistryPorts,
  base: PinnedImage,
  options: { platforms: readonly ImagePlatform[]; image: string; login: Login; scratch: string },
): Promise<OpenBase> {
  const { platforms, login, scratch } = options;
  const isBeside =
    parseImageName(options.image.replace('{name}', 'name')).registry === base.name.registry;
  const anonymous = { username: '', password: '' };
  const client = await connect(ports, base.name, isBeside ? login : anonymous, { access: 'pull' });
  const images = new Map<string, BaseImage>();
  for (const platform of platforms)
    if (!images.has(formatPlatform(platform)))
      images.set(
        formatPlatform(platform),
        await readBaseImage(client, base, { platform, scratch }),
      );
  const mountFrom = isBeside ? base.name.repository : undefined;
  return { source: { client, mountFrom, scratch }, images };
}

/**
 * Logs in to every repository and asks each whether it would take a push, so that a missing right is
 * known before anything is compiled. Throws with what is wrong, in the registry's own words.
 */
export async function openRepositories(
  ports: RegistryPorts,
  repositories: readonly ImageRepository[],
  login: Login & { base: PinnedImage | undefined },
): Promise<readonly OpenRepository[]> {
  const opened: OpenRepository[] = [];
  for (const { program, name } of repositories) {
    const { base } = login;
    const isBeside = base?.name.registry === name.registry;
    const more = isBeside ? { mountFrom: [base.name.repository] } : {};
    const client = await connect(ports, name, login, more);
    await client.checkPush();
    ports.log.info(`${formatImageName(name)} takes pushes`);
    opened.push({ program, name, client });
  }
  return opened;
}
