import * as fs from 'node:fs/promises';
import path from 'node:path';
import type { Run } from '@slipway/runtime';

/**
 * How the runner finds files and lines in what the go command prints, so that it can annotate them: the
 * compiler and vet name line and column (`./main.go:10:2: undefined: x`), the reader of go.mod and go.work
 * a line and now and then a column. A line without column of a .go file is none of theirs: it is what `log`
 * and `t.Log` write, and `t.Error` writes it no differently, so that failures of tests cannot be told from the
 * remarks of passing ones. The owner is that of actions/setup-go, by which workflows remove it.
 */
export const problemMatcher = {
  problemMatcher: [
    {
      owner: 'go',
      pattern: [
        {
          regexp:
            '^\\s*(?:vet: )?((?:.+\\.go)(?=:\\d+:\\d+: )|(?:.*[\\\\/])?go\\.(?:mod|work)):(\\d+)(?::(\\d+))?: (.*)$',
          file: 1,
          line: 2,
          column: 3,
          message: 4,
        },
      ],
    },
  ],
};

/** Gives the matcher to the runner, for the steps to come. */
export async function addProblemMatcher(run: Run): Promise<void> {
  const file = path.join(run.runner.tempDir, 'slipway-go-problems.json');
  await fs.writeFile(file, JSON.stringify(problemMatcher));
  // The one workflow command that has no port: the log keeps commands from being issued.
  process.stdout.write(`::add-matcher::${file}\n`);
}
