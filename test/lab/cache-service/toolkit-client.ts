import * as cache from '@actions/cache';
import path from 'node:path';

const [call, folder = '', key = '', ...restoreKeys] = process.argv.slice(2);
const paths = [path.join(folder, 'data')];
const value =
  call === 'save'
    ? await cache.saveCache(paths, key)
    : await cache.restoreCache(paths, key, restoreKeys);
process.stdout.write(`\nRESULT ${JSON.stringify(value ?? null)}`);
