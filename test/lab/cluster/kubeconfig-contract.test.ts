import { readFile } from 'node:fs/promises';
import os from 'node:os';
import { expect, test } from '@jest/globals';
import { capturedFile, captureKubectl } from '../../../packages/kube/test/kubeconfig/capture.ts';
import { npmHelm } from '../build/npm-tools.ts';
import { cacheFolder } from '../places/cache-folder.ts';

test('what the unit tests hold the kubeconfig reader against is what a real kubectl does', async () => {
  const { kubectl } = await npmHelm(cacheFolder(process.env, os.homedir()), process.env, 'v4');
  const captured = JSON.parse(await readFile(capturedFile, 'utf8')) as unknown;
  expect(await captureKubectl(kubectl)).toEqual(captured);
}, 300_000);
