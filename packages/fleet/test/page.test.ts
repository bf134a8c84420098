import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { globMatcher } from '@slipway/glob';
import { InputError } from '@slipway/runtime';
import { environmentFor, readFleet, resolveService } from '../src/index.ts';

const page = readFileSync(
  path.join(import.meta.dirname, '..', '..', '..', 'docs', 'slipway-yml.md'),
  'utf8',
);
const blocks = Array.from(page.matchAll(/^```yaml\n(.*?)^```/gms), ([, text = '']) => text);

describe('the page about slipway.yml', () => {
  test('shows files that are read as they stand', () => {
    expect(blocks.length).toBeGreaterThan(2);
    for (const block of blocks) expect(() => readFleet(block, 'slipway.yml')).not.toThrow();
  });

  test('begins with a fleet that holds what is said of it', () => {
    const fleet = readFleet(blocks[0] ?? '', 'slipway.yml');
    const { settings } = resolveService(fleet, 'services/payments', { glob: globMatcher });
    expect(settings.helm).toEqual({ timeout: '10m', set: { replicas: 3 } });
    expect(settings.verify).toEqual({ 'min-soak': '1m' });
    const push = { kind: 'push', branch: 'main', onDefaultBranch: true } as const;
    expect(environmentFor(fleet, push, globMatcher)?.environment.name).toBe('staging');
    const tag = environmentFor(fleet, { kind: 'tag', tag: 'v1.2.3' }, globMatcher);
    expect(tag?.environment.waves).toHaveLength(3);
  });

  test('quotes the error that a wrong key gives', () => {
    const wrong = (blocks[0] ?? '').replace('timeout: 10m', 'timeuot: 10m');
    let said = '';
    try {
      readFleet(wrong, 'slipway.yml');
    } catch (error) {
      said = error instanceof InputError ? error.message : '';
    }
    expect(said).toContain('did you mean');
    expect(page).toContain(said);
  });
});
