import { describe, expect, test } from '@jest/globals';
import type { BuildUnit, MainPackage } from '@slipway/go';
import { planMatrix } from '../src/target-matrix.ts';

function main(name: string, packages: number, prefix = 'p'): MainPackage {
  return {
    importPath: `example.com/m/cmd/${name}`,
    name,
    goName: name,
    sources: [`example.com/m/cmd/${name}`],
    dir: '',
    cgoFor: undefined,
    files: [],
    packages: Array.from({ length: packages }, (_, index) => `${prefix}${index}`),
    modules: [],
  };
}

function unit(text: string, mains: readonly MainPackage[]): BuildUnit {
  const [goos = '', goarch = ''] = text.split('/');
  return {
    name: text,
    target: {
      text,
      goos,
      goarch,
      variant: undefined,
      env: {},
      slug: text,
      platform: { os: goos, architecture: goarch },
      cgoSupported: true,
    },
    mains,
    cgo: false,
    args: [],
    env: {},
    packageCount: Math.max(...mains.map(({ packages }) => packages.length)),
  };
}

const systems = ['linux/amd64', 'linux/arm64', 'darwin/arm64', 'windows/amd64'];

describe('the matrix', () => {
  test('is one job for what is built in seconds', () => {
    const units = systems.map((text) => unit(text, [main('api', 30)]));
    const jobs = planMatrix({ units, cores: 4, maxJobs: 4, hasImages: false, hasUniversal: false });
    expect(jobs).toHaveLength(1);
    expect(jobs[0]?.targets.split('\n')).toEqual([...systems].sort());
  });

  test('spreads large targets over as many jobs as help', () => {
    const units = systems.map((text) => unit(text, [main('api', 2000)]));
    expect(
      planMatrix({ units, cores: 2, maxJobs: 4, hasImages: false, hasUniversal: false }),
    ).toHaveLength(4);
    expect(
      planMatrix({ units, cores: 2, maxJobs: 2, hasImages: false, hasUniversal: false }),
    ).toHaveLength(2);
    expect(
      planMatrix({ units, cores: 2, maxJobs: 99, hasImages: false, hasUniversal: false }),
    ).toHaveLength(4);
  });

  test('keeps all platforms of an image in one job', () => {
    const units = systems.map((text) => unit(text, [main('api', 2000), main('worker', 2000, 'w')]));
    const jobs = planMatrix({ units, cores: 2, maxJobs: 9, hasImages: true, hasUniversal: false });
    expect(jobs.map(({ name }) => name)).toEqual(['api', 'worker']);
    for (const { targets } of jobs) expect(targets.split('\n')).toHaveLength(4);
  });

  test('keeps what goes into a universal program in one job', () => {
    const units = [...systems, 'darwin/amd64'].map((text) => unit(text, [main('api', 2000)]));
    const jobs = planMatrix({ units, cores: 2, maxJobs: 9, hasImages: false, hasUniversal: true });
    expect(jobs.map(({ targets }) => targets)).toContain('darwin/amd64\ndarwin/arm64');
  });

  test('loses nothing and builds nothing twice', () => {
    const units = systems.map((text, index) => unit(text, [main('api', 300 * (index + 1))]));
    const jobs = planMatrix({ units, cores: 2, maxJobs: 3, hasImages: false, hasUniversal: false });
    expect(jobs.flatMap(({ targets }) => targets.split('\n')).sort()).toEqual([...systems].sort());
  });
});

test('programs that share their packages stay in one job, since each job would compile them again', () => {
  const mains = ['api', 'worker', 'admin'].map((name) => main(name, 400));
  const units = [unit('linux/amd64', mains)];
  const jobs = planMatrix({ units, cores: 2, maxJobs: 3, hasImages: true, hasUniversal: false });
  expect(jobs.map(({ name }) => name)).toEqual(['all']);
});
