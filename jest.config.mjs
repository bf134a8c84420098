const suites = {
  unit: ['<rootDir>/packages', '<rootDir>/actions', '<rootDir>/tools'],
  contract: ['<rootDir>/test/contract'],
  workflows: ['<rootDir>/test/workflows'],
  lab: ['<rootDir>/test/lab'],
  rollout: ['<rootDir>/test/rollout'],
  full: ['<rootDir>/test/full'],
};

/** One jest project per kind of test; `--selectProjects unit` runs one. */
export default {
  projects: Object.entries(suites).map(([displayName, roots]) => ({
    displayName,
    roots,
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
