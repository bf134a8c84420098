import { describe, expect, test } from '@jest/globals';
import { chooseNames, serviceName } from '../../src/build/program/program-name.ts';
import { withoutSidePrograms } from '../../src/build/program/side-programs.ts';

describe('a program is called', () => {
  test.each([
    ['example.com/shop/services/orders/cmd/server', 'orders'],
    ['example.com/shop/services/orders/main', 'orders'],
    ['example.com/shop/cmd/server', 'shop'],
    ['example.com/shop/v2/internal/cmd/app', 'shop'],
    ['example.com/shop/cmd/api', 'api'],
    // The module's own name is the user's.
    ['example.com/shop', 'server'],
  ])('as Go or its service calls it: %s is %s', (importPath, name) => {
    const goName = name === 'server' ? 'server' : (importPath.split('/').at(-1) ?? '');
    const module = importPath.includes('/v2/') ? 'example.com/shop/v2' : 'example.com/shop';
    expect(serviceName(goName, { importPath, module })).toBe(name);
  });

  test('as Go calls it when two would be called the same, but always as given', () => {
    const mains = [
      { goName: 'server', usual: 'orders' },
      { goName: 'app', usual: 'orders' },
      { goName: 'cmd', usual: 'shop' },
    ];
    expect(chooseNames(mains, () => undefined)).toEqual(['server', 'app', 'shop']);
    const given = ({ goName }: { goName: string }) => (goName === 'app' ? 'worker' : undefined);
    expect(chooseNames(mains, given)).toEqual(['orders', 'worker', 'shop']);
  });
});

describe('programs below examples, test and internal/tools', () => {
  const at = (...places: string[]) => places.map((place) => ({ dir: `/m/${place}` }));
  const kept = (places: readonly string[], patterns: readonly string[]) =>
    withoutSidePrograms(at(...places), { dir: '/m', patterns }).kept.map(({ dir }) => dir.slice(3));
  const places = ['cmd/api', 'examples/a', 'internal/tools/gen', 'x/test/fake', 'internal/api'];

  test('are left aside by a wildcard, and not when a pattern names them', () => {
    expect(kept(places, ['./...'])).toEqual(['cmd/api', 'internal/api']);
    expect(kept(places, ['./...', './examples/...'])).toEqual([
      ...['cmd/api', 'examples/a', 'internal/api'],
    ]);
    expect(kept(places, ['./cmd/...', 'example.com/m/internal/tools/gen'])).toContain(
      'internal/tools/gen',
    );
  });

  test('are built where there is nothing else', () => {
    expect(kept(['examples/a'], ['./...'])).toEqual(['examples/a']);
  });
});
