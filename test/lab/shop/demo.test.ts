import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { ensureBundles } from '../../../tools/bundle/fresh-bundles.ts';
import { isAsExpected } from '../../demo/demo-result.ts';
import { renderReport } from '../../demo/report-page.ts';
import { runDemo } from '../../demo/run-demo.ts';
import { kubectlOf } from '../cluster/kubectl.ts';
import { layoutOf, useLab } from '../lab.ts';

/** A demo leaves its namespaces to look at; a test does not. */
afterAll(async () => {
  const kubectl = kubectlOf(await useLab(), 'default');
  await kubectl('delete', 'namespaces', '--selector', 'slipway-demo=true', '--wait=false');
});

describe('the demo', () => {
  it('checks, stages, releases, catches what is sick, and reports it', async () => {
    const lines: string[] = [];
    const result = await runDemo({
      env: process.env,
      print: (line) => lines.push(line),
      bundles: () => ensureBundles(),
      signal: new AbortController().signal,
    });
    const wrong = result.stages.flatMap(({ title, checks }) =>
      checks.filter(({ ok }) => !ok).map(({ fact, seen }) => `${title}: ${fact}: ${seen}`),
    );
    expect(wrong).toEqual([]);
    expect(result.stages.map(({ title }) => title)).toEqual([
      'Pull request',
      'Push to main',
      'Push beside a broken build',
      'Push of documentation',
      'Re-run of an older push',
      'Tag v1.1.0',
      'Tag api/v1.1.1',
      'Tag v1.2.0',
      'Tag v1.3.0',
    ]);
    const page = renderReport(result);
    for (const { event } of result.stages) expect(page).toContain(event);
    expect(page).toContain('error share');
  }, 1_800_000);

  it('leaves a cluster of the user as it was, and no process that holds their access', async () => {
    const lab = await useLab();
    const state = await mkdtemp(path.join(os.tmpdir(), 'slipway-own-'));
    const env = {
      ...process.env,
      SLIPWAY_KUBECONFIG: lab.kubeconfig,
      SLIPWAY_LAB_STATE: state,
    };
    const lines: string[] = [];
    const { stages } = await runDemo({
      env,
      print: (line) => lines.push(line),
      bundles: () => ensureBundles(),
      signal: new AbortController().signal,
      only: ['Push to main'],
    });
    expect(stages.map((stage) => [stage.title, isAsExpected(stage)])).toEqual([
      ['Push to main', true],
    ]);
    expect(existsSync(layoutOf(env).state)).toBe(false);
    const kubectl = kubectlOf(lab, 'default');
    const left = await kubectl(
      ...['get', 'namespaces', '--selector', 'slipway-demo=true', '-o'],
      'jsonpath={.items[?(@.status.phase=="Active")].metadata.name}',
    );
    expect(left).toBe('');
    await rm(state, { recursive: true, force: true });
  }, 1_800_000);
});
