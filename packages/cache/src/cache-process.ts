import { mkdtempSync } from 'node:fs';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { systemClock } from '@slipway/runtime';
import { answerMark, type CacheRequest } from './cache-request.ts';
import { restoreGoCaches } from './go-caches.ts';
import { saveGoCaches } from './go-caches-save.ts';
import { toolkitTransfer } from './transfer/index.ts';

/**
 * Does what one request on standard input says, and ends the process. A process of its own: @actions/cache takes its
 * folders from the environment, annotates the job with its troubles and cannot be stopped; here it is free to, and
 * what is given up ends with the process.
 */
export async function runCacheProcess(owner: NodeJS.Process): Promise<never> {
  const request = JSON.parse(await text(owner.stdin)) as CacheRequest;
  const { tempDir } = request.call === 'restore' ? request.plan : request.state;
  const folder = mkdtempSync(path.join(tempDir, 'slipway-cache-'));
  const { print, ...transfer } = await toolkitTransfer(folder, {
    env: owner.env,
    platform: owner.platform,
    stdout: owner.stdout,
    chdir: (place) => owner.chdir(place),
  });
  const ports = { clock: systemClock, transfer };
  const answer =
    request.call === 'restore'
      ? await restoreGoCaches(ports, request.plan)
      : await saveGoCaches(ports, request.state);
  await print(answerMark + JSON.stringify(answer));
  owner.exit(0);
}
