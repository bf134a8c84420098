import { AsyncLocalStorage } from 'node:async_hooks';

const calls = new AsyncLocalStorage<string[]>();

/** Tells what `work` printed to standard output, line by line, also while other work prints beside it. */
export type Listener = <T>(work: () => Promise<T>) => Promise<{ value: T; lines: string[] }>;

/**
 * From now on nothing that is printed reaches standard output: @actions/cache tells by its log alone what went
 * wrong, in workflow commands that would annotate the job. Returns how to listen, and how to print all the same.
 */
export function captureStdout(stdout: NodeJS.WriteStream): {
  listen: Listener;
  print: (line: string) => Promise<void>;
} {
  const write = stdout.write.bind(stdout);
  stdout.write = (chunk: string | Uint8Array, ...rest: unknown[]): boolean => {
    calls.getStore()?.push(Buffer.from(chunk).toString());
    const done = rest.at(-1);
    if (typeof done === 'function') (done as () => void)();
    return true;
  };
  return {
    listen: async (work) => {
      const printed: string[] = [];
      const value = await calls.run(printed, work);
      return { value, lines: printed.join('').split('\n') };
    },
    print: (line) =>
      new Promise((resolve, reject) => {
        write(`${line}\n`, (error) => {
          if (error) reject(error);
          else resolve();
        });
      }),
  };
}
