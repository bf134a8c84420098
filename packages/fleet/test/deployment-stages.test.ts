import { describe, expect, test } from '@jest/globals';
import { deploymentStages, type Target } from '../src/index.ts';

const target = (name: string): Target => ({
  name,
  cluster: name,
  hosts: undefined,
  namespace: undefined,
  valueFiles: [],
});
const waves = [[target('canary')], [target('eu'), target('us')]];
const services = [
  { name: 'web', dependsOn: ['api'] },
  { name: 'api', dependsOn: ['ledger'] },
  { name: 'ledger', dependsOn: [] },
];
const shown = (due: readonly string[]) =>
  deploymentStages(waves, services, due).map(({ targets, services: names }) => [
    targets.map(({ name }) => name),
    names,
  ]);

describe('the stages of a release', () => {
  test('are its waves, each split where one service waits for another', () => {
    expect(shown(['web', 'ledger'])).toEqual([
      [['canary'], ['ledger']],
      [['canary'], ['web']],
      [['eu', 'us'], ['ledger']],
      [['eu', 'us'], ['web']],
    ]);
  });

  test('are the waves alone where no planned service waits for another', () => {
    expect(shown(['api'])).toEqual([
      [['canary'], ['api']],
      [['eu', 'us'], ['api']],
    ]);
  });

  test('are none without services or without a target', () => {
    expect(shown([])).toEqual([]);
    expect(deploymentStages([], services, ['api'])).toEqual([]);
  });

  test('of five hundred services hold each of them once', () => {
    const many = Array.from({ length: 500 }, (_, index) => ({
      name: `s${index}`,
      dependsOn: index % 5 === 0 ? [] : [`s${index - 1}`],
    }));
    const names = many.map(({ name }) => name);
    const stages = deploymentStages([[target('')]], many, names);
    expect(stages).toHaveLength(5);
    expect(stages.flatMap((stage) => stage.services).sort()).toEqual([...names].sort());
  });
});
