import { parseAccessPlace } from '@slipway/go';
import type { Fetch, Run } from '@slipway/runtime';
import { withAppToken } from './app-token.ts';
import type { PrivateModules } from './private-inputs.ts';

/**
 * Does `work` with what the inputs give for private modules, and, where they name a GitHub App, with a token of it for
 * the repository's owner, which ends with the work. Throws as `withAppToken` does.
 */
export async function withAppAccess(
  run: Run,
  fetch: Fetch,
  modules: PrivateModules,
  work: (modules: PrivateModules) => Promise<void>,
): Promise<void> {
  const { env, log, clock, signal, runner, maskSecret } = run;
  const { app, access, secrets } = modules;
  if (app === undefined) return await work(modules);
  const owner = runner.repository.split('/')[0] ?? '';
  const place = parseAccessPlace(`${URL.parse(runner.serverUrl)?.host ?? ''}/${owner}`);
  const apiUrl = env['GITHUB_API_URL'] ?? 'https://api.github.com';
  await withAppToken(
    { fetch, clock, log, signal, maskSecret },
    { app, owner, apiUrl },
    async (password) => {
      const own = place === undefined ? [] : [{ place, user: 'x-access-token', password }];
      const credentials = [...own, ...access.credentials];
      await work({
        ...modules,
        access: { ...access, credentials },
        secrets: [...secrets, password],
      });
    },
  );
}
