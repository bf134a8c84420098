import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { inputValues } from '@slipway/testing';
import { readInputs, type InputReader } from '../../src/index.ts';
import { problem, read } from './read-input.ts';

let base: string;
let workspace: string;
let temp: string;

beforeAll(() => {
  base = mkdtempSync(path.join(os.tmpdir(), 'slipway-inputs-'));
  [workspace, temp] = [path.join(base, 'work'), path.join(base, 'temp')];
  for (const folder of [path.join(workspace, 'chart'), temp])
    mkdirSync(folder, { recursive: true });
  symlinkSync('/etc', path.join(workspace, 'out'));
  symlinkSync('/no/such/file', path.join(workspace, 'nowhere'));
  symlinkSync('loop', path.join(workspace, 'loop'));
  symlinkSync('chart', path.join(workspace, 'in'));
});
afterAll(() => rmSync(base, { recursive: true, force: true }));

describe('a path', () => {
  const file = (reader: InputReader) => reader.path('p');

  test.each([
    ['chart', 'chart'],
    ['chart/../chart/new/file', 'chart/new/file'],
    ['in/values.yaml', 'in/values.yaml'],
    ['.', ''],
    ['..chart', '..chart'],
  ])('%j is in the workspace', (text, expected) => {
    expect(read({ p: text }, file, workspace)).toBe(path.join(workspace, expected));
  });

  test.each([
    '..',
    '../work2',
    '/etc/passwd',
    'chart/../../x',
    'out/passwd',
    'out',
    'nowhere',
    'loop/x',
  ])('%j is refused', (text) => {
    expect(problem({ p: text }, file, workspace)).toContain(
      'is outside the workspace, or leads out by a link',
    );
  });

  test('may be in the temp folder where an action allows it', () => {
    const inputs = (p: string) =>
      readInputs(inputValues({ p }), [workspace, temp], (reader) => ({ p: reader.path('p') }));
    expect(inputs(path.join(temp, 'kubeconfig')).p).toBe(path.join(temp, 'kubeconfig'));
    expect(() => inputs('/etc/passwd')).toThrow(
      "outside the workspace and the runner's temp folder",
    );
  });

  test('of a list is judged one by one', () => {
    expect(problem({ p: 'chart\n../x\n/y' }, (reader) => reader.paths('p'), workspace)).toMatch(
      /"\.\.\/x"[^]*"\/y"/,
    );
  });
});
