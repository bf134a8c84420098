import * as cache from '@actions/cache';
import { createInterface } from 'node:readline';
import { resultMark, type ToolkitCall } from './toolkit.ts';

for await (const line of createInterface({ input: process.stdin })) {
  const { call, paths, key, restoreKeys, env } = JSON.parse(line) as ToolkitCall;
  Object.assign(process.env, env);
  const value =
    call === 'save'
      ? await cache.saveCache(paths, key)
      : await cache.restoreCache(paths, key, restoreKeys);
  process.stdout.write(`\n${resultMark}${JSON.stringify(value ?? null)}\n`);
}
