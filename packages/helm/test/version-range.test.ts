import { describe, expect, test } from '@jest/globals';
import { fitsRange } from '../src/chart/version-range.ts';

// Each as Masterminds/semver 3.3.0 (Helm 3.18) or 3.5.0 (Helm 4.2) has it.
describe('a version fits a range of Helm', () => {
  test.each([
    ['1.4.2', '>=1.2, <2'],
    ['1.4.2', '=>1.2.0 =<1.4.2'],
    ['1.2', '^1'],
    ['v1.4.2', '1.x'],
    ['1.4.2+up1', '1.4.2'],
    ['1.4.2', '>=1.0.0, !=1.4.1'],
    ['1.4.2', '!=1.3'],
    ['1.4.2-rc.1', '>=1.2.0-0'],
    ['1.4.2-rc.1', '^1.2.0-0'],
    ['1.4.2-rc.1', '>=1.2-0, <2.0.0'],
    ['1.4.2-rc.1', '~1.4-0'],
    ['1.4.2-rc.1', '1.x-0'],
    ['1.4.2-rc.1', '*-0'],
    ['1.4.2-rc.1', '^2 || >0.0.0-0'],
    ['1.4.2', '*-0'],
  ])('%s is in %s', (version, range) => {
    expect(fitsRange(version, range)).toBe(true);
  });

  test.each([
    ['2.0.0', '>=1.2, <2'],
    ['1.4.2', '>=1.0.0, !=1.4.2'],
    ['1.4.2', '!=1.4'],
    ['1.4.2-rc.1', '^1.2.0'],
    ['1.4.2-rc.1', '*'],
    ['2.0.0-rc.1', '^1.2.0-0'],
    ['1.1.0-rc.1', '>=1.2.0-0'],
    ['1.4.2', 'latest'],
  ])('%s is not in %s', (version, range) => {
    expect(fitsRange(version, range)).toBe(false);
  });
});
