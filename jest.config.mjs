import { roots } from './tools/suites/roots.js';

/** One jest project per kind of test; `--selectProjects unit` runs one. */
export default {
  // Five seconds, jest's own, are too few for a child process on a machine that is busy with builds.
  testTimeout: 60_000,
  projects: Object.entries(roots).map(([displayName, folders]) => ({
    displayName,
    roots: folders.map((folder) => `<rootDir>/${folder}`),
    rootDir: import.meta.dirname,
    testMatch: ['**/*.test.ts'],
    testPathIgnorePatterns: ['/node_modules/', '<rootDir>/test/fixtures/shop/'],
    modulePathIgnorePatterns: ['<rootDir>/dist/'],
    testEnvironment: 'node',
    extensionsToTreatAsEsm: ['.ts'],
    transform: {
      '^.+\\.ts$': [
        'ts-jest',
        {
          useESM: true,
          tsconfig: {
            target: 'ES2024',
            module: 'NodeNext',
            moduleResolution: 'NodeNext',
            isolatedModules: true,
            verbatimModuleSyntax: true,
            allowImportingTsExtensions: true,
            rewriteRelativeImportExtensions: false,
            noEmit: true,
          },
          diagnostics: { ignoreCodes: [151002] },
        },
      ],
    },
  })),
};
