import type { Edit } from './repository.ts';

/** Writes a file that is new, or over one that says something else. */
export function write(path: string, text: string): Edit {
  return (files) => {
    if (files.get(path) === text) throw new Error(`${path} says that already.`);
    files.set(path, text);
  };
}

/** Replaces a part of a file once. */
export function replace(path: string, from: string, to: string): Edit {
  return (files) => {
    const text = files.get(path);
    if (text?.includes(from) !== true) throw new Error(`${path} has no ${JSON.stringify(from)}.`);
    files.set(
      path,
      text.replace(from, () => to),
    );
  };
}

/** Writes at the end of a file. */
export function append(path: string, text: string): Edit {
  return (files) => {
    const before = files.get(path);
    if (before === undefined) throw new Error(`${path} is not there.`);
    files.set(path, before + text);
  };
}

/** Removes a file, or a folder with all in it. */
export function remove(path: string): Edit {
  return (files) => {
    const gone = [...files.keys()].filter((file) => file === path || file.startsWith(`${path}/`));
    if (gone.length === 0) throw new Error(`${path} is not there.`);
    for (const file of gone) files.delete(file);
  };
}

/** Moves a file, or a folder with all in it. */
export function move(from: string, to: string): Edit {
  return (files) => {
    const moved = [...files].filter(([file]) => file === from || file.startsWith(`${from}/`));
    if (moved.length === 0) throw new Error(`${from} is not there.`);
    for (const [file, text] of moved) {
      files.delete(file);
      files.set(to + file.slice(from.length), text);
    }
  };
}

/** Replaces a text wherever Go sources have it. */
export function rename(from: string, to: string): Edit {
  return (files) => {
    const holding = [...files].filter(
      ([file, text]) => file.endsWith('.go') && text.includes(from),
    );
    if (holding.length === 0) throw new Error(`No Go file has ${from}.`);
    for (const [file, text] of holding) files.set(file, text.replaceAll(from, to));
  };
}
