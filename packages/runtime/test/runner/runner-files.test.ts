import { describe, expect, test } from '@jest/globals';
import { addPath, exportVariable } from '../../src/runner/outputs.ts';

describe('what reaches later steps', () => {
  test.each(['', 'A B', 'A=B', 'A\nB', '1A', 'NODE_OPTIONS', 'LD_PRELOAD', 'Path', 'BASH_ENV'])(
    'is never the variable %j',
    (name) => {
      expect(() => exportVariable(name, 'x')).toThrow('must not be exported');
    },
  );

  test('is never two folders in the place of one', () => {
    expect(() => addPath('/a\n/evil')).toThrow('cannot be an entry of PATH');
  });
});
