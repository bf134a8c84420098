import { createHttpClient } from '@slipway/http';
import { fakeClock, fakeLog, startFakeGitHub, type FakeGitHub } from '@slipway/testing';
import {
  githubRepository,
  type DeployedVersion,
  type GitHubRepository,
  type RepositoryOptions,
} from '../src/index.ts';

export const commitA = 'a'.repeat(40);
export const commitB = 'b'.repeat(40);

/** A version of `service`, as a release would deploy it. */
export function versionOf(service: string, commit = commitA, target = ''): DeployedVersion {
  return {
    service,
    version: '1.4.0',
    digest: `sha256:${'c'.repeat(64)}`,
    commit,
    release: service,
    namespace: 'staging',
    target,
  };
}

/** A fake GitHub and a client for its one repository. */
export interface FakeRepository {
  fake: FakeGitHub;
  log: ReturnType<typeof fakeLog>;
  clock: ReturnType<typeof fakeClock>;
  client: (options?: Partial<RepositoryOptions>) => GitHubRepository;
  /** An empty repository, and a throw when something was asked or answered that GitHub does not have. */
  reset: () => void;
  close: () => Promise<void>;
}

export async function startFakeRepository(
  options: Parameters<typeof startFakeGitHub>[0] = {},
): Promise<FakeRepository> {
  const fake = await startFakeGitHub(options);
  const http = createHttpClient({ env: {} });
  const clock = fakeClock();
  const log = fakeLog();
  return {
    fake,
    log,
    clock,
    client: (given = {}) =>
      githubRepository({
        repository: 'acme/shop',
        token: 'a-token',
        apiUrl: fake.apiUrl,
        fetch: http.fetch,
        clock,
        log,
        ...given,
      }),
    reset: () => {
      const problems = fake.problems.splice(0);
      fake.seen = [];
      fake.faults = [];
      fake.always = undefined;
      fake.faultOf = undefined;
      Object.assign(fake.repository, { deployments: [], commitStatuses: [], pulls: [] });
      fake.repository.writer = 'github-actions[bot]';
      if (problems.length > 0) throw new Error(problems.join('\n'));
    },
    close: async () => {
      await http.close();
      await fake.close();
    },
  };
}
