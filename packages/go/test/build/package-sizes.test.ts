import { expect, test } from '@jest/globals';
import { sumPackages } from '../../src/index.ts';

test('sizes of packages are those of their functions and data, under the names that Go gives them', () => {
  const lines = [
    '  480000       4096 T net/http.(*Server).Serve',
    '  481000        100 T net/http.HandlerFunc.ServeHTTP',
    '  482000         50 T gopkg.in/yaml%2ev3.Unmarshal',
    '  483000         30 T slices.SortFunc[go.shape.[]example.com/m/x.T,go.shape.struct { A int }]',
    '  484000         20 R type:.eq.example.com/m/x.Key',
    '  485000       9999 R runtime.pclntab',
    '  486000       9999 R type:*',
    '  487000       9999 B example.com/m/x.zeroed',
    '  488000         10 D example.com/m/x.table',
    '                  0 U _exit',
  ];
  expect(sumPackages(lines.join('\n'))).toEqual([
    { name: 'net/http', bytes: 4196 },
    { name: 'gopkg.in/yaml.v3', bytes: 50 },
    { name: 'example.com/m/x', bytes: 30 },
    { name: 'slices', bytes: 30 },
  ]);
});
