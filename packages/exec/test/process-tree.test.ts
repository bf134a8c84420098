import { expect, test } from '@jest/globals';
import { treeSignal } from '../src/process-tree.ts';

test('elsewhere than on Windows the whole process group gets the signal', () => {
  expect(treeSignal(42, 'SIGINT', 'linux')).toEqual({ kind: 'group', pid: 42, signal: 'SIGINT' });
});

test('on Windows taskkill ends the whole tree, and it is not looked for on PATH', () => {
  expect(treeSignal(42, 'SIGINT', 'win32', 'D:\\Windows')).toEqual({
    kind: 'command',
    file: 'D:\\Windows\\System32\\taskkill.exe',
    args: ['/PID', '42', '/T', '/F'],
  });
});
