import { spawn } from 'node:child_process';

/** How a command of the tool chain ended, with all it printed. */
export interface ChildResult {
  exitCode: number;
  output: string;
}

/** Runs a command with standard output and error joined; never rejects. */
export function runChild(
  file: string,
  args: readonly string[],
  cwd: string,
  onOutput?: (text: string) => void,
): Promise<ChildResult> {
  return new Promise((resolve) => {
    const child = spawn(file, [...args], { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const take = (chunk: Buffer): void => {
      output += chunk.toString();
      onOutput?.(chunk.toString());
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    child.on('error', (error) => resolve({ exitCode: 127, output: error.message }));
    child.on('close', (code) => resolve({ exitCode: code ?? 1, output }));
  });
}
