import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';

/** One call of the toolkit, sent to its process as a line of JSON. */
export interface ToolkitCall {
  call: 'save' | 'restore';
  paths: string[];
  key: string;
  restoreKeys: string[];
  /** The toolkit reads its settings from the process's environment at each call. */
  env: Record<string, string>;
}

/** Begins the line on which the process writes what a call returned, as JSON. */
export const resultMark = 'RESULT ';

/** The unmodified @actions/cache in a process of its own, whose calls are made one after the other. */
export interface Toolkit {
  /** Resolves with what the toolkit returned and what it printed. Throws when its process ends. */
  call(call: ToolkitCall): Promise<{ value: unknown; log: string }>;
  close(): Promise<void>;
}

/** Starts the process; `env` is all of its environment that calls do not set. */
export function startToolkit(env: Readonly<Record<string, string>>): Toolkit {
  const file = path.join(import.meta.dirname, 'toolkit-client.ts');
  const child = spawn(process.execPath, [file], { env, stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    call: async (call) => {
      child.stdin.write(`${JSON.stringify(call)}\n`);
      const log: string[] = [];
      for (;;) {
        const { done, value: line } = await lines.next();
        if (done === true) throw new Error(`The toolkit ended:\n${log.join('\n')}`);
        if (line.startsWith(resultMark)) {
          const value = JSON.parse(line.slice(resultMark.length)) as unknown;
          return { value, log: log.join('\n') };
        }
        log.push(line);
      }
    },
    close: async () => {
      child.stdin.end();
      await ended;
    },
  };
}
