import {
  createRegistryClient,
  findCredentials,
  formatImageName,
  type RegistryClient,
} from '@slipway/artifact';
import type { HttpClient } from '@slipway/http';
import type { ImageRepository } from './image-repositories.ts';
import type { CrossBuildPorts } from '../ports.ts';

/** A repository that lets us push. */
export interface OpenRepository extends ImageRepository {
  client: RegistryClient;
}

/**
 * Logs in to every repository and asks each whether it would take a push, so that a missing right is
 * known before anything is compiled. Throws with what is wrong, in the registry's own words.
 */
export async function openRepositories(
  ports: CrossBuildPorts & { http: HttpClient },
  repositories: readonly ImageRepository[],
  login: { username: string; password: string },
): Promise<readonly OpenRepository[]> {
  const { clock, env, exec, http, log, maskSecret, signal } = ports;
  const opened: OpenRepository[] = [];
  for (const { program, name } of repositories) {
    const { username, password } = login;
    const { registry } = name;
    const credentials = await findCredentials({
      registry,
      username,
      password,
      env,
      exec,
      maskSecret,
    });
    const client = createRegistryClient({
      name,
      credentials,
      fetch: http.fetch,
      clock,
      signal,
      maskSecret,
      log,
    });
    await client.checkPush();
    log.info(`${formatImageName(name)} takes pushes`);
    opened.push({ program, name, client });
  }
  return opened;
}
