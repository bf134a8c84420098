import { existsSync } from 'node:fs';
import path from 'node:path';
import { ESLint } from 'eslint';
import tseslint from 'typescript-eslint';
import { shapeRules } from '../lint-rules.js';

/** Rule of eslint to the files under `root` that need not keep it yet. */
export type Unfinished = Readonly<Record<string, readonly string[]>>;

async function offenders(root: string, files: readonly string[]): Promise<ReadonlySet<string>> {
  const eslint = new ESLint({
    cwd: root,
    overrideConfigFile: true,
    overrideConfig: {
      files: ['**/*.ts'],
      languageOptions: { parser: tseslint.parser },
      rules: shapeRules,
    },
  });
  const results = await eslint.lintFiles([...files]);
  return new Set(
    results.flatMap(({ filePath, messages }) =>
      messages.map(
        ({ ruleId }) =>
          `${ruleId ?? ''} ${path.relative(root, filePath).replaceAll(path.sep, '/')}`,
      ),
    ),
  );
}

/** Files that are excused from a rule of shape though they keep it, or are not there. */
export async function finishedFiles(root: string, lists: Unfinished): Promise<readonly string[]> {
  const named = [...new Set(Object.values(lists).flat())];
  const there = named.filter((file) => existsSync(path.join(root, file)));
  const offending =
    there.length === 0
      ? new Set<string>()
      : await offenders(
          root,
          there.map((file) => file),
        );
  return Object.entries(lists).flatMap(([rule, files]) =>
    files
      .filter((file) => !offending.has(`${rule} ${file}`))
      .map((file) => `${file} keeps ${rule}, or is gone: take it out of tools/unfinished.js`),
  );
}
