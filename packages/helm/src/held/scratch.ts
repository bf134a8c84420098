import { randomUUID } from 'node:crypto';
import * as fs from 'node:fs/promises';
import path from 'node:path';

/** Where a child process finds what only it may read. */
export interface Scratch {
  /** Writes a text, and gives the absolute path of its file. */
  write(text: string): Promise<string>;
  remove(file: string): Promise<void>;
}

/** A folder of the job's own; its files are of mode 0600. */
export function scratchFolder(folder: string): Scratch {
  return {
    write: async (text) => {
      const file = path.join(folder, `relay-${randomUUID()}.json`);
      await fs.writeFile(file, text, { mode: 0o600 });
      return file;
    },
    remove: (file) => fs.rm(file, { force: true }),
  };
}
