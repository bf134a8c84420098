import { readFileSync } from 'node:fs';
import path from 'node:path';
import { dependencyProblems, usedPackages } from './check/dependencies.ts';
import { staleBundles } from './check/dist.ts';
import { structureProblems } from './check/structure.ts';
import { runChild } from './child.ts';
import { pageProblems } from './docs/pages/check.ts';
import { folders, layers } from './layers.js';
import { root } from './manifest.ts';

interface Step {
  name: string;
  /** Resolves to what is wrong; the empty string when all is well. */
  run: () => Promise<string>;
  /** How to mend it. */
  mend?: string;
}

function bin(...parts: string[]): string {
  return path.join(root, 'node_modules', ...parts);
}

async function node(...args: string[]): Promise<string> {
  const { exitCode, output } = await runChild(process.execPath, args, root);
  return exitCode === 0 ? '' : output;
}

const steps: readonly Step[] = [
  { name: 'types', run: () => node(bin('typescript', 'bin', 'tsc'), '-p', '.') },
  { name: 'lint', run: () => node(bin('eslint', 'bin', 'eslint.js'), '.', '--max-warnings=0') },
  {
    name: 'format',
    run: () => node(bin('prettier', 'bin', 'prettier.cjs'), '--check', '--log-level=warn', '.'),
    mend: 'npx prettier --write .',
  },
  {
    name: 'layering',
    run: () => Promise.resolve(structureProblems({ root, layers, folders }).join('\n')),
  },
  {
    name: 'dependencies',
    run: () => {
      const page = readFileSync(path.join(root, 'docs', 'dependencies.md'), 'utf8');
      return Promise.resolve(dependencyProblems(page, usedPackages(root)).join('\n'));
    },
  },
  {
    name: 'generated docs',
    run: () => node(path.join(root, 'tools', 'docs', 'generate.ts'), '--check'),
    mend: 'node tools/docs/generate.ts (with Node 24)',
  },
  { name: 'pages', run: async () => (await pageProblems(root)).join('\n') },
  { name: 'workflows', run: () => node(path.join(root, 'tools', 'check', 'workflows.ts')) },
  {
    name: 'metadata',
    run: () =>
      node(
        '--experimental-vm-modules',
        '--disable-warning=ExperimentalWarning',
        bin('jest', 'bin', 'jest.js'),
        '--selectProjects',
        'contract',
        '--testPathPatterns',
        'metadata',
      ),
  },
  {
    name: 'dist',
    run: async () => (await staleBundles((line) => console.log(`         ${line}`))).join('\n'),
    mend: 'npm run build, and commit dist/',
  },
];

const only = process.argv.slice(2);
const unknown = only.filter((name) => !steps.some((step) => step.name === name));
if (unknown.length > 0) {
  console.error(
    `No such check: ${unknown.join(', ')}. Valid: ${steps.map(({ name }) => name).join(', ')}.`,
  );
  process.exit(2);
}
let failures = 0;
for (const { name, run, mend } of steps.filter(
  (step) => only.length === 0 || only.includes(step.name),
)) {
  const started = performance.now();
  const wrong = await run();
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${wrong === '' ? 'ok      ' : 'FAILED  '} ${name} (${seconds} s)`);
  if (wrong === '') continue;
  failures += 1;
  console.log(wrong.replace(/^/gm, '    '));
  if (mend !== undefined) console.log(`    To mend it: ${mend}`);
}
console.log(failures === 0 ? '\nAll checks passed.' : `\n${failures} checks failed.`);
process.exit(failures === 0 ? 0 : 1);
